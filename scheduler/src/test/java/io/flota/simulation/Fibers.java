package io.flota.simulation;

import java.lang.reflect.Constructor;
import java.util.concurrent.Executor;

/// Virtual threads that run where and when an executor of ours says so. The JDK has them; it only does not offer them.
final class Fibers {
    private static final Constructor<?> BUILDER = builder();

    private Fibers() {}

    /// @param executor gets the thread's next stretch, from each start or wake to the next time it blocks
    static Thread unstarted(Executor executor, String name, Thread.UncaughtExceptionHandler fatal, Runnable task) {
        try {
            var builder = (Thread.Builder.OfVirtual) BUILDER.newInstance(executor);
            return builder.name(name).uncaughtExceptionHandler(fatal).unstarted(task);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK has changed how virtual threads get their scheduler", e);
        }
    }

    private static Constructor<?> builder() {
        try {
            var constructor = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                    .getDeclaredConstructor(Executor.class);
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    "the simulation needs JDK 25 and --add-opens java.base/java.lang=ALL-UNNAMED", e);
        }
    }
}
