package io.flota.agent.render;

/// A template cannot be rendered. The message says where in it, and why.
public final class TemplateException extends Exception {
    TemplateException(String message, Throwable cause) {
        super(message, cause);
    }

    TemplateException(String message) {
        super(message);
    }
}
