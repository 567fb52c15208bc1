package io.flota.daemon;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Calls of the C library for what the JDK does not have.
public final class CLibrary {
    private CLibrary() {}

    /// A function of it.
    public static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return linked(name, FunctionDescriptor.of(result, arguments));
    }

    /// One that takes any number of arguments, of which the first so many have fixed types.
    public static MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return linked(name, FunctionDescriptor.of(result, arguments), Linker.Option.firstVariadicArg(fixed));
    }

    /// Where a function of it is, for others of it to call.
    public static MemorySegment address(String name) {
        return Linker.nativeLinker().defaultLookup().findOrThrow(name);
    }

    @SuppressWarnings("restricted") // the signatures are the C library's
    private static MethodHandle linked(String name, FunctionDescriptor signature, Linker.Option... options) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(address(name), signature, options);
    }

    /// Calls a function with arguments of exactly its types.
    public static Object invoke(MethodHandle function, Object... arguments) {
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the C library went wrong", e);
        }
    }
}
