package io.flota.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/// SIGTERM, SIGINT, SIGUSR1 and SIGHUP without the JVM's own answer, which is to run down at once, with exit code 143.
///
/// `sun.misc.Signal` is the only way there, and javac warns of each mention of it beyond any `@SuppressWarnings`:
/// hence by reflection.
final class Signals {
    /// The one that a service manager sends ahead of a restart, so that it differs from a stop (`RestartKillSignal=`).
    static final String REPLACED = "USR1";

    /// The one that asks for settings to be read anew (`ExecReload=`).
    static final String RELOAD = "HUP";

    private static final List<String> ALL = List.of("TERM", "INT", REPLACED, RELOAD);

    private Signals() {}

    /// Calls this, on a thread of the JVM, for each of these signals, with its name.
    static void onEach(Consumer<String> told) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler answer = (self, method, args) -> switch (method.getName()) {
                case "handle" -> {
                    told.accept((String) signal.getMethod("getName").invoke(args[0]));
                    yield null; // the method is void
                }
                case "equals" -> self == args[0];
                case "hashCode" -> System.identityHashCode(self);
                default -> "the daemon's answer to " + ALL;
            };
            var proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, answer);
            for (String name : ALL) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal (module jdk.unsupported)", e);
        }
    }
}
