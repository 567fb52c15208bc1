package io.flota.scheduler.fleet;

import io.flota.scheduler.fleet.Entities.Failure;
import io.flota.scheduler.fleet.Entities.Problem;

/// What a request is answered with.
///
/// @param type of the body; empty if there is none
record FleetAnswer(int status, String type, byte[] body) {
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int OK = 200;

    static FleetAnswer json(Object value) {
        return new FleetAnswer(OK, JSON, Json.write(value));
    }

    static FleetAnswer document(byte[] json) {
        return new FleetAnswer(OK, JSON, json);
    }

    static FleetAnswer metrics(byte[] text) {
        return new FleetAnswer(OK, PROMETHEUS, text);
    }

    /// Without a body.
    static FleetAnswer done(int status) {
        return new FleetAnswer(status, "", new byte[0]);
    }

    static FleetAnswer failure(int status, String message) {
        return new FleetAnswer(status, JSON, Json.write(new Failure(new Problem(status, message))));
    }

    static FleetAnswer of(FleetException e) {
        return failure(e.status(), e.getMessage());
    }
}
