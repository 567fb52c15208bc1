package io.flota.unit;

import com.google.protobuf.ByteString;

/// A unit as the operator registered it.
///
/// @param generation rises with each restart that the operator asks for
/// @param properties what the operator has set over the file; no reason for a restart
/// @param unread what a newer version wrote of it besides, in protobuf: whoever changes the unit keeps that
public record Unit(
        UnitName name, String fileHash, DesiredState desired, long generation, UnitProperties properties,
        ByteString unread) {

    /// Of a unit with the properties of its file, and of which there is nothing besides.
    public Unit(UnitName name, String fileHash, DesiredState desired, long generation) {
        this(name, fileHash, desired, generation, UnitProperties.NONE, ByteString.EMPTY);
    }

    public Unit withDesired(DesiredState other) {
        return new Unit(name, fileHash, other, generation, properties, unread);
    }
}
