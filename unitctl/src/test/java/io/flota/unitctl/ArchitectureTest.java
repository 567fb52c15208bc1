package io.flota.unitctl;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(Path.of("target/classes/io/flota"));

    @Test
    void renderingKnowsValuesAndTextOnly() {
        noClasses()
                .that()
                .resideInAPackage("..render")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..client", "..command", "java.io..", "java.net..", "java.nio..", "picocli..")
                .check(CLASSES);
    }

    @Test
    void noCommandStartsAGrpcStackOrTalksToEtcd() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..", "io.etcd..", "io.flota.store..", "io.flota.registry..")
                .check(CLASSES);
    }

    @Test
    void theCarrierKnowsNothingOfCommands() {
        noClasses()
                .that()
                .resideInAPackage("..client")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..command", "..render", "picocli..")
                .check(CLASSES);
    }

    @Test
    void whatIsDecidedHasNoClockAndNoStreams() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Goal")
                .or()
                .haveSimpleNameEndingWith("RisePlan")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages("java.io..", "java.net..", "java.time..", "picocli..", "..client")
                .check(CLASSES);
    }

    @Test
    void commandsDoNotKnowWhoCallsThem() {
        SlicesRuleDefinition.slices()
                .matching("io.flota.(**)")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void namesSayWhatThingsAre() {
        classes().should().haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl|Handler)").check(CLASSES);
    }
}
