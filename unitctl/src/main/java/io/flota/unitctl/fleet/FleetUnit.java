package io.flota.unitctl.fleet;

/// A unit as fleet has it.
///
/// @param file its text, as `fleetctl cat` prints it
/// @param desired `inactive`, `loaded`, `launched`, or whatever fleet was told
public record FleetUnit(String name, String file, String desired) {}
