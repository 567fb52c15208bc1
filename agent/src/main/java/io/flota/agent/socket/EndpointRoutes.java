package io.flota.agent.socket;

import io.flota.agent.announce.RefusedException;
import io.flota.agent.announce.Sidecars;
import io.flota.agent.socket.EndpointCall.Parameter;
import io.flota.unit.Endpoint;
import java.util.List;
import java.util.stream.StreamSupport;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Answers each [EndpointCall]: JSON if it is done, one line of text if not.
final class EndpointRoutes extends Handler.Abstract {
    private record Answer(int status, String type, String text) {
        static Answer json(String text) {
            return new Answer(HttpStatus.OK_200, "application/json", text);
        }

        static Answer line(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", text + "\n");
        }
    }

    private final Sidecars sidecars;

    EndpointRoutes(Sidecars sidecars) {
        this.sidecars = sidecars;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws InterruptedException {
        var answer = answer(request);
        response.setStatus(answer.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
        Content.Sink.write(response, true, answer.text(), callback);
        return true;
    }

    private Answer answer(Request request) throws InterruptedException {
        try {
            var call = EndpointCall.of(request.getMethod(), Request.getPathInContext(request), query(request));
            return answer(call);
        } catch (IllegalArgumentException e) {
            return Answer.line(HttpStatus.BAD_REQUEST_400, e.getMessage());
        } catch (RefusedException e) {
            return Answer.line(
                    switch (e.kind()) {
                        case CONFLICT -> HttpStatus.CONFLICT_409;
                        case AWAY -> HttpStatus.SERVICE_UNAVAILABLE_503;
                    },
                    e.getMessage());
        }
    }

    private static List<Parameter> query(Request request) {
        return StreamSupport.stream(Request.extractQueryParameters(request).spliterator(), false)
                .flatMap(field -> field.getValues().stream().map(value -> new Parameter(field.getName(), value)))
                .toList();
    }

    private Answer answer(EndpointCall call) throws RefusedException, InterruptedException {
        return switch (call) {
            case EndpointCall.Hold(var name, int port, var attributes, var ttl) -> {
                Endpoint held = sidecars.hold(name, port, attributes, ttl);
                yield Answer.json(EndpointJson.of(held));
            }
            case EndpointCall.Release(var name) -> sidecars.release(name)
                    ? Answer.json("{}\n")
                    : Answer.line(HttpStatus.NOT_FOUND_404, "nobody holds " + name + " here");
            case EndpointCall.All(var service) -> Answer.json(EndpointJson.of(sidecars.all(service)));
            case EndpointCall.Unknown() -> Answer.line(
                    HttpStatus.NOT_FOUND_404, "there is nothing here. Ask for /v1/endpoints[/SERVICE[/UNIT]]");
            case EndpointCall.NotAllowed(var allowed) -> Answer.line(
                    HttpStatus.METHOD_NOT_ALLOWED_405, "this cannot be done here. Write " + allowed);
        };
    }
}
