package io.flota.scheduler.api;

import com.google.protobuf.ByteString;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.Unit;
import java.util.Optional;

/// What is to become of one unit.
///
/// @param before what it is changed from, and what it must still be when it is changed; empty if it is new
/// @param file its file's bytes, if its file is another than before
record UnitChange(Optional<RegisteredUnit> before, Unit after, Optional<ByteString> file) {}
