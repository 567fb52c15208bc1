package io.flota.store;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.flota.store.EtcdSettings.Login;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// The token that etcd gives for a user and password, and asks for with each call.
final class EtcdLogin {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final Optional<Login> login;
    private final Duration timeout;
    private volatile Optional<CallCredentials> token = Optional.empty();

    EtcdLogin(Optional<Login> login, Duration timeout) {
        this.login = login;
        this.timeout = timeout;
    }

    /// Options that carry the token, fetched from this member if there is none yet.
    ///
    /// @throws io.grpc.StatusRuntimeException if the member refuses the password or does not answer
    CallOptions attach(CallOptions options, EtcdMember member) {
        if (login.isEmpty()) {
            return options;
        }
        if (token.isEmpty()) {
            token = Optional.of(fetch(login.get(), member));
        }
        return token.map(options::withCallCredentials).orElse(options);
    }

    /// Whether a refused call is worth repeating with a new token.
    boolean forget() {
        boolean had = token.isPresent();
        token = Optional.empty();
        return had;
    }

    private CallCredentials fetch(Login login, EtcdMember member) {
        var method = AuthGrpc.getAuthenticateMethod();
        var request = AuthenticateRequest.newBuilder().setName(login.user()).setPassword(login.password()).build();
        var options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
        var answer = ClientCalls.blockingUnaryCall(member.channel(), method, options, request);
        var headers = new Metadata();
        headers.put(TOKEN, answer.getToken());
        return new CallCredentials() {
            @Override
            public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
                applier.apply(headers);
            }
        };
    }
}
