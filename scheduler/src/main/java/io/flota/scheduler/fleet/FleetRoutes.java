package io.flota.scheduler.fleet;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Between HTTP and [FleetApi]. A body is gathered while no thread waits for it, and in a limited time.
final class FleetRoutes extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(FleetRoutes.class);

    /// The largest unit file, with room for its escapes in JSON.
    private static final int MOST_BYTES = 4 << 20;
    private static final int MOST_PASSED_OVER = 16 << 20;
    private static final int SMALL_BYTES = 64 << 10;
    /// Large bodies, and such as do not say how large they are, that are gathered and acted upon at a time. They bound
    /// the memory: what is made of a body takes several times its size.
    private static final int MOST_LARGE = 8;
    private static final long LONGEST_BODY_SECONDS = 20;
    private static final int BAD_REQUEST = 400;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_LARGE = 413;
    private static final int UNSUPPORTED = 415;
    private static final int TOO_MANY = 429;
    private static final int INTERNAL = 500;

    private final FleetApi api;
    private final String server;
    private final Semaphore large = new Semaphore(MOST_LARGE);

    /// @param version of this program
    FleetRoutes(FleetApi api, String version) {
        this.api = api;
        this.server = "fleetd/1.0.0 flota/" + version;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws InterruptedException {
        try {
            var call = FleetCall.of(request.getMethod(), request.getHttpURI().getPath());
            if (call instanceof FleetCall.PutUnit) {
                checkType(request);
            }
            if (call.takesBody()) {
                gather(call, request, response, callback);
            } else {
                closeIfUnread(request, response);
                send(response, answer(call, request, new byte[0]), callback);
            }
        } catch (FleetException e) {
            closeIfUnread(request, response);
            send(response, FleetAnswer.of(e), callback);
        }
        return true;
    }

    /// What Jetty finds to be no request of ours.
    boolean refuse(Request request, Response response, Callback callback) {
        var reason = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        send(response, FleetAnswer.failure(response.getStatus(), reason == null ? "" : reason.toString()), callback);
        return true;
    }

    /// Nobody reads a body that is not asked for, and what comes after it would be taken for it: better say so.
    private static void closeIfUnread(Request request, Response response) {
        if (request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            close(response);
        }
    }

    private static void close(Response response) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }

    private static void checkType(Request request) throws FleetException {
        var types = request.getHeaders().getValuesList(HttpHeader.CONTENT_TYPE);
        if (types.size() != 1) {
            throw new FleetException(UNSUPPORTED, "expected exactly one Content-Type header, found " + types.size());
        }
        if (!types.getFirst().split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            throw new FleetException(UNSUPPORTED, "only application/json Content-Type supported");
        }
    }

    private void gather(FleetCall call, Request request, Response response, Callback callback) throws FleetException {
        if (request.getLength() > MOST_BYTES) {
            refuseLarge(request, response, callback);
            return;
        }
        boolean isLarge = request.getLength() < 0 || request.getLength() > SMALL_BYTES;
        if (isLarge && !large.tryAcquire()) {
            throw new FleetException(TOO_MANY, "too many large bodies at once: repeat the request");
        }
        var deadline = deadline(request);
        Content.Source.asByteArrayAsync(request, MOST_BYTES, Promise.Invocable.from(
                InvocationType.BLOCKING, (body, failure) -> {
                    deadline.cancel();
                    try {
                        if (failure == null) {
                            finish(call, request, response, callback, body);
                        } else {
                            close(response);
                            send(response, unread(failure), callback);
                        }
                    } finally {
                        if (isLarge) {
                            large.release();
                        }
                    }
                }));
    }

    /// While a client sends, it may not hear that it need not: what is not much too large is passed over before.
    private void refuseLarge(Request request, Response response, Callback callback) {
        if (request.getLength() > MOST_PASSED_OVER) {
            close(response);
            send(response, tooLarge(), callback);
            return;
        }
        var deadline = deadline(request);
        Content.Source.consumeAll(request, Callback.from(
                () -> {
                    deadline.cancel();
                    send(response, tooLarge(), callback);
                },
                failure -> {
                    deadline.cancel();
                    close(response);
                    send(response, unread(failure), callback);
                }));
    }

    /// Until it is cancelled.
    private static Scheduler.Task deadline(Request request) {
        var late = new TimeoutException("the body took more than " + LONGEST_BODY_SECONDS + " s");
        return request.getComponents().getScheduler()
                .schedule(() -> request.fail(late), LONGEST_BODY_SECONDS, TimeUnit.SECONDS);
    }

    private static FleetAnswer tooLarge() {
        return FleetAnswer.failure(TOO_LARGE, "the body has more than " + MOST_BYTES + " bytes");
    }

    private static FleetAnswer unread(Throwable failure) {
        return switch (failure) {
            case TimeoutException late -> FleetAnswer.failure(REQUEST_TIMEOUT, String.valueOf(late.getMessage()));
            case IllegalStateException _ -> tooLarge();
            default -> FleetAnswer.failure(BAD_REQUEST, "unable to read body: " + failure.getMessage());
        };
    }

    private void finish(FleetCall call, Request request, Response response, Callback callback, byte[] body) {
        try {
            send(response, answer(call, request, body), callback);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            callback.failed(e);
        }
    }

    /// A bug is logged and costs one request only.
    private FleetAnswer answer(FleetCall call, Request request, byte[] body) throws InterruptedException {
        try {
            return api.answer(call, query(request), body);
        } catch (FleetException e) {
            return FleetAnswer.of(e);
        } catch (RuntimeException e) {
            LOG.error("a bug in answering a request call={}", call, e);
            return FleetAnswer.failure(INTERNAL, "the scheduler failed to answer; its log says more");
        }
    }

    private static FleetApi.Query query(Request request) throws FleetException {
        try {
            var fields = Request.extractQueryParameters(request);
            return parameter -> values(fields, parameter);
        } catch (RuntimeException e) {
            throw FleetException.badRequest("the query is not escaped as it should be");
        }
    }

    private static List<String> values(Fields fields, String parameter) {
        var field = fields.get(parameter);
        return field == null ? List.of() : field.getValues();
    }

    private void send(Response response, FleetAnswer answer, Callback callback) {
        var headers = response.getHeaders();
        response.setStatus(answer.status());
        headers.put(HttpHeader.SERVER, server);
        if (answer.type().isEmpty()) {
            response.write(true, ByteBuffer.allocate(0), callback);
        } else {
            headers.put(HttpHeader.CONTENT_TYPE, answer.type());
            response.write(true, ByteBuffer.wrap(answer.body()), callback);
        }
    }
}
