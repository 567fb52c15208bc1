package io.flota.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.UUID;

@AnalyzeClasses(packages = "io.flota", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule stepsKnowOnlyValues = classes()
            .that()
            .resideInAPackage("io.flota.agent.steps")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.flota.agent.steps", "io.flota.unit", "io.flota.machine", "java.lang", "java.lang.invoke",
                    "java.lang.runtime", "java.util", "java.util.function", "java.util.stream", "java.time",
                    "com.google.common.collect");

    @ArchTest
    static final ArchRule stepsAskNoClockAndNoChance = noClasses()
            .that()
            .resideInAPackage("io.flota.agent.steps")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, java.util.Random.class);

    @ArchTest
    static final ArchRule theAgentDoesNotKnowTheScheduler = noClasses()
            .that()
            .resideInAPackage("io.flota.agent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.flota.scheduler..", "io.flota.unitctl..");

    @ArchTest
    static final ArchRule etcdIsReachedThroughTheStoreOnly = noClasses()
            .that()
            .resideInAPackage("io.flota.agent..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.etcd..");

    @ArchTest
    static final ArchRule onlyTheMainKnowsPicocli = noClasses()
            .that()
            .resideInAPackage("io.flota.agent.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule onlyTheSystemdRuntimeKnowsTheBus = noClasses()
            .that()
            .resideOutsideOfPackage("io.flota.agent.runtime.systemd")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.freedesktop..");

    @ArchTest
    static final ArchRule onlyTheDockerRuntimeKnowsDocker = noClasses()
            .that()
            .resideOutsideOfPackage("io.flota.agent.runtime.docker")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.github.dockerjava..");

    @ArchTest
    static final ArchRule onlyHttpServersKnowJetty = noClasses()
            .that()
            .resideOutsideOfPackages("io.flota.agent.fleet", "io.flota.agent.socket", "io.flota.daemon")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.jetty..");

    @ArchTest
    static final ArchRule onlyRenderedFilesKnowTheTemplateLibrary = noClasses()
            .that()
            .resideOutsideOfPackage("io.flota.agent.render")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.pebbletemplates..");

    @ArchTest
    static final ArchRule whatIsRenderedAndWhatItMeansIsPure = noClasses()
            .that()
            .haveNameMatching("io\\.flota\\.agent\\.render\\.(Facts|Services|Haproxy(Config|Change)|Slots.*|Word.*)")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.net..", "java.io..", "io.flota.agent.runtime..", "org.slf4j..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, System.class);

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.flota.agent.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule namesSayWhatThingsAre = noClasses()
            .that()
            .resideInAPackage("io.flota.agent..")
            .should()
            .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Handler)");
}
