package io.flota.unit;

/// A unit as the operator registered it.
///
/// @param generation rises with each restart that the operator asks for
public record Unit(UnitName name, String fileHash, DesiredState desired, long generation) {}
