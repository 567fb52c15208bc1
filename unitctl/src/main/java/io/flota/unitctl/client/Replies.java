package io.flota.unitctl.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.time.Duration;
import java.util.Optional;

/// The replies of a streaming call, as they come. Closing it cancels the call.
public final class Replies<R> implements AutoCloseable {
    private final Endpoint endpoint;
    private final Connection connection;
    private final Parser<R> parser;

    Replies(Endpoint endpoint, Connection connection, Parser<R> parser) {
        this.endpoint = endpoint;
        this.connection = connection;
        this.parser = parser;
    }

    /// Waits for the next reply; empty once the scheduler has no more.
    public Optional<R> next() throws ClusterException {
        Optional<ByteString> bytes = connection.next();
        return bytes.isEmpty() ? Optional.empty() : Optional.of(parse(endpoint, parser, bytes.get()));
    }

    /// Waits for a while; whether [#next] will return at once now.
    public boolean ready(Duration patience) throws ClusterException {
        return connection.ready(patience);
    }

    /// What there is to say of a scheduler that does not even begin to answer.
    BrokenCallException silent() {
        return new BrokenCallException(endpoint, "did not answer in time", null);
    }

    static <R> R parse(Endpoint endpoint, Parser<R> parser, ByteString bytes) throws BrokenCallException {
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException garbage) {
            throw new BrokenCallException(
                    endpoint, "sent a reply that cannot be read; are its version and unitctl's alike?", garbage);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
