package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.flota.testing.Draw;
import io.flota.testing.MalformedUnitFiles;
import io.flota.testing.MalformedUnitFiles.MalformedUnitFile;
import io.flota.testing.Seeds;
import io.flota.testing.UnitFiles;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class UnitFilePropertyTest {
    @Test
    void whatWasWrittenIsRead() {
        Seeds.check(5_000, random -> {
            var written = UnitFiles.any(random);

            var file = UnitFile.parse("any.service", written.bytes());

            assertThat(file.settings()).isEqualTo(written.settings());
            assertThat(file.bytes()).isEqualTo(written.bytes());
        });
    }

    @Test
    void whatIsPrintedIsReadBack() {
        Seeds.check(5_000, random -> {
            var file = UnitFile.parse("any.service", UnitFiles.any(random).bytes());

            var again = UnitFile.parse("again.service", ByteString.copyFromUtf8(file.canonical()));

            assertThat(again.canonical()).isEqualTo(file.canonical());
            assertThat(UnitFiles.content(again)).containsExactlyInAnyOrderElementsOf(UnitFiles.content(file));
            for (var setting : file.settings()) {
                assertThat(again.all(setting.section(), setting.key()))
                        .extracting(UnitFile.Setting::value)
                        .isEqualTo(file.all(setting.section(), setting.key()).stream()
                                .map(UnitFile.Setting::value)
                                .toList());
            }
        });
    }

    @Test
    void filesWithTheSameBytesAndOnlyThoseHaveTheSameHash() {
        Seeds.check(1_000, random -> {
            var file = UnitFile.parse("a.service", UnitFiles.any(random).bytes());
            var longer = UnitFile.parse("a.service", file.bytes().concat(ByteString.copyFromUtf8("\n#")));

            assertThat(UnitFile.parse("b.service", file.bytes()).hash()).isEqualTo(file.hash());
            assertThat(longer.hash()).isNotEqualTo(file.hash()).matches("[0-9a-f]{64}");
        });
    }

    @Test
    void everyMalformedFileIsRefusedWithALineThatSaysWhy() {
        Seeds.check(10, random -> {
            for (var malformed : MalformedUnitFiles.generate(random.nextLong(), 80)) {
                var refusal = catchThrowableOfType(UnitFileException.class, () -> read(malformed));

                assertThat(refusal).as("%s%n%s", malformed, text(malformed)).isNotNull();
                assertThat(refusal.problems()).as(malformed.toString()).allMatch(problem -> Pattern.matches(
                        Pattern.quote(malformed.name().full()) + ":[1-9][0-9]*: [^\\x00-\\x1f]{8,}", problem));
                assertThat(refusal.getMessage()).as(malformed.toString()).contains(malformed.refusal());
            }
        });
    }

    @Test
    void whatIsNoTextAtAllEndsInARefusalOrAFileAndNothingElse() {
        Seeds.check(5_000, random -> {
            byte[] junk = new byte[random.nextInt(200)];
            random.nextBytes(junk);
            String near = Draw.text(random, 40, "[]=\\#; \n\r\"a\0%*é");
            String key = Draw.oneOf(random, "", "[X-Fleet]\nConflicts=", "[X-Fleet]\nMachineMetadata=");
            var bytes = random.nextBoolean() ? ByteString.copyFrom(junk) : ByteString.copyFromUtf8(key + near);
            try {
                PlacementRules.of("a", new UnitName("a@1.service"), UnitFile.parse("a", bytes));
            } catch (UnitFileException refused) {
                assertThat(refused.problems()).isNotEmpty().noneMatch(problem -> problem.contains("\n"));
            }
        });
    }

    private static PlacementRules read(MalformedUnitFile malformed) throws UnitFileException {
        String source = malformed.name().full();
        return PlacementRules.of(source, malformed.name(), UnitFile.parse(source, malformed.bytes()));
    }

    private static String text(MalformedUnitFile malformed) {
        return malformed.bytes().size() > 5_000 ? "" : malformed.bytes().toString(StandardCharsets.UTF_8);
    }
}
