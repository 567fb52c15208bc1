package io.flota;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What may know what.
class ArchitectureTest {
    private static final String[] PURE = {"io.flota.unit..", "io.flota.machine.."};

    private static final JavaClasses CLASSES = new ClassFileImporter().importPath("target/classes");

    @Test
    void thePureCoreKnowsValuesAndItself() {
        classes()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(PURE)
                        .or(resideInAnyPackage(
                                "java.lang", "java.lang.invoke", "java.lang.runtime", "java.math", "java.nio",
                                "java.nio.charset", "java.time", "java.util", "java.util.function",
                                "java.util.regex", "java.util.stream", "com.google.common..", "com.google.protobuf")))
                .check(CLASSES);
    }

    @Test
    void thePureCoreHasNoClockNoThreadsNoChanceAndNoProcesses() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        System.class, Thread.class, ThreadLocal.class, Process.class, ProcessBuilder.class,
                        Runtime.class, Random.class, UUID.class, java.util.Timer.class, java.util.Scanner.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Math.class, "random")
                .check(CLASSES);
    }

    @Test
    void thePureCoreIteratesInTheSameOrderInEachRun() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(java.util.HashMap.class, java.util.HashSet.class)
                .check(CLASSES);
    }

    @Test
    void onlyTheStoreKnowsEtcd() {
        noClasses()
                .that(not(resideInAPackage("io.flota.store..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.etcd..")
                .check(CLASSES);
    }

    @Test
    void onlyDaemonsReadCommandLines() {
        noClasses()
                .that(not(resideInAPackage("io.flota.daemon..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.flota.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void aNameSaysWhatAClassIs() {
        noClasses()
                .that(not(resideInAPackage("io.flota.api..")))
                .should()
                .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Handler)(\\$.*)?")
                .check(CLASSES);
    }
}
