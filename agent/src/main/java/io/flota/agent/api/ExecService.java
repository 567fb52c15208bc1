package io.flota.agent.api;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.api.v1.ExecCommand;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.api.v1.TerminalSize;
import io.flota.machine.MachineId;
import io.flota.unit.UnitName;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs what operators want to have done inside units.
final class ExecService {
    private static final Logger LOG = LoggerFactory.getLogger(ExecService.class);
    /// Each takes a few threads, and its program what it likes.
    private static final int MOST_AT_ONCE = 64;

    private final MachineId machine;
    private final UnitRuntime runtime;
    private final boolean isAllowed;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);

    ExecService(MachineId machine, UnitRuntime runtime, boolean isAllowed) {
        this.machine = machine;
        this.runtime = runtime;
        this.isAllowed = isAllowed;
    }

    StreamObserver<ExecRequest> exec(StreamObserver<ExecReply> observer) {
        var call = new ExecCall((ServerCallStreamObserver<ExecReply>) observer, this::answer);
        call.listen();
        return call;
    }

    private void answer(ExecStart start, ExecCall call) throws StatusException, InterruptedException {
        if (!isAllowed) {
            throw refused(Status.PERMISSION_DENIED, "machine " + machine.shortened()
                    + " allows nobody into its units: its agent was started with --no-exec");
        }
        var problem = UnitName.problem(start.getUnit());
        if (problem.isPresent()) {
            throw refused(Status.INVALID_ARGUMENT, problem.get());
        }
        if (!places.tryAcquire()) {
            throw refused(Status.RESOURCE_EXHAUSTED, "machine " + machine.shortened() + " has " + MOST_AT_ONCE
                    + " visitors in its units already; try again once one has left");
        }
        try {
            var errand = errand(start);
            LOG.info("enters unit={} errand={}", start.getUnit(), words(errand));
            enter(new UnitName(start.getUnit()), errand, call);
        } finally {
            places.release();
        }
    }

    private void enter(UnitName unit, Errand errand, ExecCall call) throws StatusException, InterruptedException {
        Session session;
        try {
            session = runtime.enter(unit, errand);
        } catch (NotEnteredException e) {
            var status = exitStatus(errand, e);
            if (status.isEmpty()) {
                throw refused(status(e), e.getMessage() + " (machine " + machine.shortened() + ")");
            }
            call.end(status.get(), e.getMessage());
            return;
        } catch (RuntimeUnavailableException e) {
            throw refused(Status.UNAVAILABLE, e.getMessage());
        }
        try (session) {
            call.end(call.converse(session), "");
        }
    }

    /// As shells have it, where a program was named.
    private static Optional<Integer> exitStatus(Errand errand, NotEnteredException e) {
        return switch (e.lacking()) {
            case PROGRAM -> errand instanceof Errand.Command ? Optional.of(127) : Optional.empty();
            case EXECUTABLE -> errand instanceof Errand.Command ? Optional.of(126) : Optional.empty();
            case UNIT, PROCESS, NAME, POWER -> Optional.empty();
        };
    }

    private static Status status(NotEnteredException e) {
        return switch (e.lacking()) {
            case UNIT, NAME -> Status.NOT_FOUND;
            case PROCESS, PROGRAM, EXECUTABLE, POWER -> Status.FAILED_PRECONDITION;
        };
    }

    private static Errand errand(ExecStart start) throws StatusException {
        return switch (start.getErrandCase()) {
            case COMMAND -> command(start.getCommand());
            case READ -> new Errand.Read(path(start.getRead()));
            case WRITE -> new Errand.Write(path(start.getWrite()));
            case ERRAND_NOT_SET -> throw refused(Status.INVALID_ARGUMENT, "nothing is to be done inside the unit");
        };
    }

    /// Without a program's arguments, among which secrets may be.
    private static String words(Errand errand) {
        return switch (errand) {
            case Errand.Command command -> "run " + command.words().getFirst();
            case Errand.Read(String path) -> "read " + path;
            case Errand.Write(String path) -> "write " + path;
        };
    }

    private static Errand command(ExecCommand command) throws StatusException {
        if (command.getWordsCount() == 0 || command.getWords(0).isEmpty()) {
            throw refused(Status.INVALID_ARGUMENT, "no program is named that is to be run inside the unit");
        }
        for (var word : command.getWordsList()) {
            plain(word);
        }
        return new Errand.Command(
                ImmutableList.copyOf(command.getWordsList()),
                Optional.of(plain(command.getUser())).filter(user -> !user.isEmpty()),
                command.hasTerminal()
                        ? Optional.of(new Errand.Terminal(
                                plain(command.getTerminalType()), size(command.getTerminal())))
                        : Optional.empty());
    }

    static Errand.Size size(TerminalSize size) throws StatusException {
        try {
            return new Errand.Size(size.getColumns(), size.getRows());
        } catch (IllegalArgumentException e) {
            throw refused(Status.INVALID_ARGUMENT, e.getMessage());
        }
    }

    private static String path(String path) throws StatusException {
        return "/" + plain(path).replaceFirst("^/+", "");
    }

    private static String plain(String text) throws StatusException {
        if (text.indexOf('\0') >= 0) {
            throw refused(Status.INVALID_ARGUMENT, "a NUL is in no word, name or path");
        }
        return text;
    }

    static StatusException refused(Status status, String message) {
        return status.withDescription(message).asException();
    }
}
