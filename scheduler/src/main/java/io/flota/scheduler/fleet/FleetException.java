package io.flota.scheduler.fleet;

/// A request is answered with an error: its status, and fleet's words for it, which may be none.
final class FleetException extends Exception {
    private final int status;

    FleetException(int status, String message) {
        super(message);
        this.status = status;
    }

    static FleetException badRequest(String message) {
        return new FleetException(400, message);
    }

    static FleetException notFound(String message) {
        return new FleetException(404, message);
    }

    static FleetException conflict(String message) {
        return new FleetException(409, message);
    }

    int status() {
        return status;
    }
}
