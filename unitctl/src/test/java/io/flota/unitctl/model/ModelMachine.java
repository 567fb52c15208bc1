package io.flota.unitctl.model;

import java.util.SortedMap;

/// A machine of the model.
record ModelMachine(String id, String ip, SortedMap<String, String> metadata) {}
