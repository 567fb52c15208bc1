package io.flota.examples.nodes;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/// Tests that want the same nodes come one after the other: [TestNodes] stay for the next class then, and it is bringing
/// them up that takes time. All others stay where they are.
final class SameNodesTogether implements ClassOrderer {
    @Override
    public void orderClasses(ClassOrdererContext context) {
        context.getClassDescriptors().sort(Comparator.comparing(SameNodesTogether::options));
    }

    /// Empty without nodes.
    private static String options(ClassDescriptor test) {
        return Stream.<Class<?>>iterate(test.getTestClass(), type -> type != null, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
                .filter(field -> field.getType() == TestNodes.class)
                .map(field -> {
                    try {
                        return ((TestNodes) field.get(null)).options();
                    } catch (IllegalAccessException hidden) {
                        throw new AssertionError(hidden);
                    }
                })
                .findFirst()
                .orElse("");
    }
}
