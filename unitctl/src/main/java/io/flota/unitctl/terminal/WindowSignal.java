package io.flota.unitctl.terminal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/// SIGWINCH: the terminal has another size.
///
/// `sun.misc.Signal` is the only way there, and javac warns of each mention of it beyond any `@SuppressWarnings`: hence by
/// reflection.
final class WindowSignal {
    private WindowSignal() {}

    /// Calls this on a thread of the JVM, each time.
    static void onEach(Runnable told) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler answer = (self, method, args) -> switch (method.getName()) {
                case "handle" -> {
                    told.run();
                    yield null; // the method is void
                }
                case "equals" -> self == args[0];
                case "hashCode" -> System.identityHashCode(self);
                default -> "unitctl's answer to SIGWINCH";
            };
            var proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, answer);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal (module jdk.unsupported)", e);
        }
    }
}
