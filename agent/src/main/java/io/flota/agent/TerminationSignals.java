package io.flota.agent;

import java.lang.reflect.Proxy;

/// SIGTERM and SIGINT without the JVM's own answer, which is to run down at once, with exit code 143.
///
/// `sun.misc.Signal` is the only way there, and javac warns of each mention of it beyond any `@SuppressWarnings`:
/// hence by reflection.
final class TerminationSignals {
    private TerminationSignals() {}

    /// Calls this, on a thread of the JVM, for each of these signals.
    static void onEach(Runnable terminate) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, args) ->
                    switch (method.getName()) {
                        case "handle" -> {
                            terminate.run();
                            yield null;
                        }
                        case "equals" -> self == args[0];
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "termination";
                    });
            for (String name : new String[] {"TERM", "INT"}) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal (module jdk.unsupported)", e);
        }
    }
}
