package io.flota.unit;

/// A unit as the operator registered it.
///
/// @param generation rises with each restart that the operator asks for
/// @param properties what the operator has set over the file; no reason for a restart
public record Unit(
        UnitName name, String fileHash, DesiredState desired, long generation, UnitProperties properties) {

    /// Of a unit with the properties of its file.
    public Unit(UnitName name, String fileHash, DesiredState desired, long generation) {
        this(name, fileHash, desired, generation, UnitProperties.NONE);
    }
}
