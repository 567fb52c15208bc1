package io.flota.agent;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/// SIGTERM, SIGINT and SIGUSR1 without the JVM's own answer, which is to run down at once, with exit code 143.
///
/// `sun.misc.Signal` is the only way there, and javac warns of each mention of it beyond any `@SuppressWarnings`:
/// hence by reflection.
final class TerminationSignals {
    /// The one that a service manager sends ahead of a restart, so that it differs from a stop (`RestartKillSignal=`).
    static final String REPLACED = "USR1";

    private static final List<String> TERMINATION = List.of("TERM", "INT", REPLACED);

    private TerminationSignals() {}

    /// Calls this, on a thread of the JVM, for each of these signals, with its name.
    static void onEach(Consumer<String> terminate) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler answer = (self, method, args) -> switch (method.getName()) {
                case "handle" -> {
                    terminate.accept((String) signal.getMethod("getName").invoke(args[0]));
                    yield null; // the method is void
                }
                case "equals" -> self == args[0];
                case "hashCode" -> System.identityHashCode(self);
                default -> "the agent's answer to " + TERMINATION;
            };
            var proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, answer);
            for (String name : TERMINATION) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal (module jdk.unsupported)", e);
        }
    }
}
