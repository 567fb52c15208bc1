package io.flota.unitctl.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.flota.api.v1.Answer;
import io.flota.api.v1.Call;
import io.flota.api.v1.CallStatus;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// One call on its own socket, as the carrier wants it.
final class Connection implements AutoCloseable {
    private static final int TLS_ALERT = 21;
    private static final int TLS_MAJOR_VERSION = 3;

    private final Endpoint endpoint;
    private final Socket socket;
    private final int timeoutMillis;
    private final InputStream in;
    private final Object sending = new Object();
    /// What to say of a peer that says nothing.
    private String silent = "did not answer in time (--request-timeout)";

    private Connection(Endpoint endpoint, Socket socket, int timeoutMillis) throws IOException {
        this.endpoint = endpoint;
        this.socket = socket;
        this.timeoutMillis = timeoutMillis;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /// @throws IOException if there is no connection; nothing was sent then
    static Connection open(Endpoint endpoint, SocketFactory sockets, Duration timeout) throws IOException {
        var socket = sockets.createSocket();
        try {
            int millis = Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE); // 0 would be for ever
            socket.connect(endpoint.address(), millis);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(millis);
            if (socket instanceof SSLSocket tls) {
                secure(tls);
            }
            return new Connection(endpoint, socket, millis);
        } catch (IOException | RuntimeException failed) {
            socket.close();
            throw failed;
        }
    }

    private static void secure(SSLSocket tls) throws IOException {
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // without it any certificate of the CA would do
        tls.setSSLParameters(parameters);
        tls.startHandshake();
    }

    void send(String method, MessageLite request) throws BrokenCallException {
        var call = Call.newBuilder().setMethod(method).setRequest(request.toByteString()).build();
        try {
            write(call);
        } catch (IOException failed) {
            throw new BrokenCallException(endpoint, "closed the connection before it took the call", failed);
        }
    }

    /// Sends a further message of a method that takes a stream; from any thread.
    void write(MessageLite message) throws IOException {
        synchronized (sending) {
            var out = new BufferedOutputStream(socket.getOutputStream());
            message.writeDelimitedTo(out);
            out.flush();
        }
    }

    /// From now on the peer says something at least this often.
    void expectSignsOfLife(Duration silence) throws BrokenCallException {
        silent = "has said nothing for " + silence.toSeconds() + " s";
        try {
            socket.setSoTimeout(Math.toIntExact(silence.toMillis()));
        } catch (IOException failed) {
            throw new BrokenCallException(endpoint, "closed the connection", failed);
        }
    }

    /// A stream may be silent for as long as nothing happens.
    void waitForEver() throws BrokenCallException {
        try {
            socket.setSoTimeout(0);
            socket.setKeepAlive(true);
        } catch (IOException failed) {
            throw new BrokenCallException(endpoint, "closed the connection", failed);
        }
    }

    /// Whether an answer, or the end of them, has begun to come within this time. Then the rest of it comes in time.
    boolean ready(Duration patience) throws BrokenCallException {
        try {
            socket.setSoTimeout(Math.toIntExact(Math.max(1, patience.toMillis())));
            in.mark(1);
            in.read();
            in.reset();
            socket.setSoTimeout(timeoutMillis);
            return true;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException failed) {
            throw new BrokenCallException(endpoint, "broke the connection off: " + Reasons.of(failed), failed);
        }
    }

    /// The next reply; empty once the call is done.
    Optional<ByteString> next() throws RefusedException, BrokenCallException {
        Answer answer = read();
        return switch (answer.getContentCase()) {
            case REPLY -> Optional.of(answer.getReply());
            case STATUS -> {
                CallStatus status = answer.getStatus();
                if (status.getCode() != 0) {
                    throw new RefusedException(status);
                }
                yield Optional.empty();
            }
            case CONTENT_NOT_SET -> throw foreign(null);
        };
    }

    private Answer read() throws BrokenCallException {
        try {
            if (isTlsAlert()) {
                throw new BrokenCallException(
                        endpoint, "wants TLS: give --ca-file, --cert-file and --key-file", null);
            }
            var answer = Answer.parseDelimitedFrom(in);
            if (answer == null) {
                throw new BrokenCallException(endpoint, "closed the connection before it had answered", null);
            }
            return answer;
        } catch (InvalidProtocolBufferException garbage) {
            throw foreign(garbage);
        } catch (SocketTimeoutException late) {
            throw new BrokenCallException(endpoint, silent, late);
        } catch (IOException failed) {
            throw new BrokenCallException(endpoint, "broke the connection off: " + Reasons.of(failed), failed);
        }
    }

    /// No answer begins so; what a listener with TLS says to plain text does.
    private boolean isTlsAlert() throws IOException {
        in.mark(2);
        boolean alert = in.read() == TLS_ALERT && in.read() == TLS_MAJOR_VERSION;
        in.reset();
        return alert;
    }

    private BrokenCallException foreign(Throwable cause) {
        return new BrokenCallException(
                endpoint, "answers in another protocol; unitctl wants the scheduler's --listen address", cause);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // the call is over either way, and the peer sees the connection go with this process at the latest
        }
    }
}
