package io.flota.scheduler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;

/// What may know what.
@AnalyzeClasses(packages = "io.flota.scheduler", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] PURE = {"io.flota.scheduler.cluster", "io.flota.scheduler.placement"};

    @ArchTest
    static final ArchRule placementKnowsOnlyValues = classes()
            .that()
            .resideInAPackage("io.flota.scheduler.placement")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.flota.scheduler.placement", "io.flota.scheduler.cluster", "io.flota.registry", "io.flota.unit",
                    "io.flota.machine", "java.lang", "java.lang.invoke", "java.lang.runtime", "java.time",
                    "java.time.format", "java.time.temporal", "java.util", "java.util.function", "java.util.stream",
                    "com.google.common.collect");

    @ArchTest
    static final ArchRule theClusterKnowsOnlyValuesAndTheirCodec = classes()
            .that()
            .resideInAPackage("io.flota.scheduler.cluster")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.flota.scheduler.cluster", "io.flota.registry", "io.flota.store", "io.flota.unit",
                    "io.flota.machine", "java.lang", "java.lang.invoke", "java.lang.runtime", "java.time", "java.util",
                    "java.util.function", "java.util.stream", "com.google.common.collect", "com.google.protobuf");

    @ArchTest
    static final ArchRule theCoreDoesNotPlaceByTheRegistrysCodec = noClasses()
            .that()
            .resideInAPackage("io.flota.scheduler.placement")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("Codec");

    @ArchTest
    static final ArchRule theCoreHasNoClockNoThreadsAndNoChance = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(
                    System.class, Thread.class, Process.class, Runtime.class, java.util.Random.class,
                    java.util.UUID.class, java.util.Timer.class);

    /// Their order is nobody's promise; linked, sorted and immutable ones keep theirs.
    @ArchTest
    static final ArchRule theCoreUsesNoCollectionsWithoutAnOrder = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(HashMap.class, HashSet.class);

    @ArchTest
    static final ArchRule etcdIsReachedThroughTheStoreOnly =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.etcd..");

    @ArchTest
    static final ArchRule onlyFleetsRoutesKnowHttpAndJson = noClasses()
            .that()
            .resideOutsideOfPackage("io.flota.scheduler.fleet")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..", "com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule theSchedulerKnowsNeitherAgentNorCommandLine =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("io.flota.agent..", "io.flota.unitctl..");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.flota.scheduler.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule namesSayWhatThingsAre =
            noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Handler)");
}
