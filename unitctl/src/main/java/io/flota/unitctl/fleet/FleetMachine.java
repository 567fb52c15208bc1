package io.flota.unitctl.fleet;

import java.util.Map;

/// A machine as fleet knows it.
///
/// @param metadata what its fleetd tells and what was set by the API, in one: fleet does not say which is which
public record FleetMachine(String id, Map<String, String> metadata) {}
