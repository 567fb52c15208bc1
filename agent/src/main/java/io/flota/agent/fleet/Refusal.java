package io.flota.agent.fleet;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/// An answer of the agent's own, in the form of fleet's failures.
record Refusal(int status, String message) {
    private static final JsonMapper JSON = new JsonMapper();

    static Refusal unavailable(String why) {
        return new Refusal(HttpStatus.SERVICE_UNAVAILABLE_503, "no scheduler can be reached: " + why);
    }

    /// Of a client that does not send what it has begun to ask.
    static Refusal unread(Throwable failure) {
        return failure instanceof TimeoutException
                ? new Refusal(HttpStatus.REQUEST_TIMEOUT_408, "the body took too long")
                : new Refusal(HttpStatus.BAD_REQUEST_400, "unable to read body: " + failure.getMessage());
    }

    /// What Jetty has found that is no request of HTTP's.
    static boolean malformed(Request request, Response response, Callback callback) {
        var reason = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        new Refusal(response.getStatus(), reason == null ? "" : reason.toString()).send(response, callback);
        return true;
    }

    void send(Response response, Callback callback) {
        var body = JSON.createObjectNode();
        body.putObject("error").put("code", status).put("message", message);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, body.toString(), callback);
    }
}
