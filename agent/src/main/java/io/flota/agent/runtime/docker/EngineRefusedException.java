package io.flota.agent.runtime.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.base.CharMatcher;
import java.util.regex.Pattern;

/// Docker answered, and will not or cannot.
final class EngineRefusedException extends EngineException {
    enum Reason {
        NO_IMAGE,
        NO_CONTAINER,
        NO_NETWORK,
        /// A container of that name is there.
        NAME_TAKEN,
        /// Somebody listens on a port of the machine.
        PORT_TAKEN,
        /// The registry wants to know who asks, or knows and does not let them.
        DENIED,
        /// The registry cannot be reached; later it may be.
        REGISTRY_AWAY,
        DISK_FULL,
        /// What a container writes goes to where Docker does not read it back.
        UNREADABLE,
        /// What is asked for does not go with the container's state.
        CONFLICT,
        /// What is asked for makes no sense to it.
        INVALID,
        OTHER
    }

    private static final Pattern BODY = Pattern.compile("Status \\d+: (.*)", Pattern.DOTALL);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Reason reason;

    EngineRefusedException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /// @param what was tried
    /// @param status of HTTP
    static EngineRefusedException of(String what, int status, String said, Throwable cause) {
        var line = CharMatcher.javaIsoControl().trimAndCollapseFrom(bare(said), ' ');
        return new EngineRefusedException(reason(status, line), "Docker refuses to " + what + ": " + line, cause);
    }

    /// Docker has no codes for its reasons, only words.
    static Reason reason(int status, String said) {
        if (said.contains("no space left on device")) {
            return Reason.DISK_FULL;
        }
        if (said.contains("port is already allocated") || said.contains("address already in use")) {
            return Reason.PORT_TAKEN;
        }
        if (status == 401 || said.contains("denied") || said.contains("unauthorized")
                || said.contains("no basic auth credentials") || said.contains("authentication required")) {
            return Reason.DENIED;
        }
        if (said.contains("No such image") || said.contains("manifest unknown") || said.startsWith("manifest for ")) {
            return Reason.NO_IMAGE;
        }
        if (said.contains("No such container")) {
            return Reason.NO_CONTAINER;
        }
        if (said.startsWith("network ") && said.contains(" not found")) {
            return Reason.NO_NETWORK;
        }
        if (said.contains("does not support reading")) {
            return Reason.UNREADABLE;
        }
        if (said.contains("dial tcp") || said.contains("lookup ") || said.contains("i/o timeout")
                || said.contains("Client.Timeout exceeded") || said.contains("context deadline exceeded")) {
            return Reason.REGISTRY_AWAY;
        }
        if (status == 409) {
            return said.contains("is already in use by container") ? Reason.NAME_TAKEN : Reason.CONFLICT;
        }
        return status == 400 ? Reason.INVALID : Reason.OTHER;
    }

    /// docker-java tells status and body: `Status 404: {"message":"No such image: web"}`.
    private static String bare(String said) {
        var body = BODY.matcher(said);
        if (!body.matches()) {
            return said;
        }
        try {
            return JSON.readTree(body.group(1)).path("message").asText(said);
        } catch (JsonProcessingException _) {
            return body.group(1); // it is in plain words
        }
    }
}
