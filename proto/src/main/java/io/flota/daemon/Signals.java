package io.flota.daemon;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.function.Consumer;

/// SIGTERM, SIGINT, SIGUSR1 and SIGHUP without the JVM's own answer, which is to run down at once, with exit code 143.
///
/// What the process was started to ignore stays without effect on it, but for the two that nobody sends for another
/// reason; what it starts does not ignore it.
///
/// `sun.misc.Signal` is the only way there, and javac warns of each mention of it beyond any `@SuppressWarnings`:
/// hence by reflection.
final class Signals {
    /// The one that a service manager sends ahead of a restart, so that it differs from a stop (`RestartKillSignal=`).
    static final String REPLACED = "USR1";

    /// The one that asks for settings to be read anew (`ExecReload=`).
    static final String RELOAD = "HUP";

    /// As with `nohup`, or in the background of a script that is interrupted.
    private static final Set<String> MAY_BE_IGNORED = Set.of("TERM", "INT");

    private static final ImmutableSet<String> ALL = ImmutableSet.of("TERM", "INT", REPLACED, RELOAD);

    private Signals() {}

    /// Calls this, on a thread of the JVM, for each of these signals, with its name.
    static void onEach(Consumer<String> told) {
        var ignored = Sets.intersection(IgnoredSignals.keepToOurselves(), MAY_BE_IGNORED);
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
            for (String name : Sets.difference(ALL, ignored)) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal (module jdk.unsupported)", e);
        }
    }
}
