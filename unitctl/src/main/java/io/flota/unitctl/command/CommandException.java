package io.flota.unitctl.command;

/// A command ends here. The message is for the operator, and may be several lines if there are several problems.
public final class CommandException extends Exception {
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    private final int status;

    private CommandException(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /// Refused, or tried in vain.
    public static CommandException failed(String message) {
        return new CommandException(FAILED, message, null);
    }

    public static CommandException failed(String message, Throwable cause) {
        return new CommandException(FAILED, message, cause);
    }

    /// The command line itself is wrong.
    public static CommandException usage(String message) {
        return new CommandException(USAGE, message, null);
    }

    /// The exit status.
    public int status() {
        return status;
    }
}
