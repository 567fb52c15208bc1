package io.flota.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetFileTest {
    private static UnitOption option(String section, String name, String value) {
        return new UnitOption(section, name, value);
    }

    private static FleetFile read(String text) {
        return FleetFile.read(ByteString.copyFromUtf8(text)).orElseThrow();
    }

    @Test
    void aFileReadsAsFleetReadIt() {
        var file = read("""
                skipped = before the first section
                [Unit]
                # a comment that goes on \\
                Description=not a setting
                Description = Web %i
                After=a.service \\
                # no comment here \\
                  b.service

                [Service]
                ExecStart=/bin/sh -c "a=b; \\
                  c"\t
                ; another
                ExecStop=
                [Unit]\t
                Wants=c.service
                """);

        assertThat(file.options()).containsExactly(
                option("Unit", "Description", "Web %i"),
                option("Unit", "After", "a.service \\\n# no comment here \\\n  b.service"),
                option("Unit", "Wants", "c.service"),
                option("Service", "ExecStart", "/bin/sh -c \"a=b; \\\n  c\""),
                option("Service", "ExecStop", ""));
    }

    @Test
    void itsNormalFormAndHashAreFleets() {
        var file = read("[Service]\r\nExecStart = /bin/true\r\n# gone\r\n\r\n[Unit]\r\nDescription=x\r\n");

        assertThat(file.text()).isEqualTo("[Service]\nExecStart=/bin/true\n\n[Unit]\nDescription=x\n");
        // By sha1sum of that text.
        assertThat(file.hash()).isEqualTo("9db61678381df9d57ed0348a11b70794eb797b20");
        assertThat(FleetFile.EMPTY.text()).isEmpty();
        assertThat(FleetFile.EMPTY.hash()).isEqualTo("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[Service", "[Service] x\n", "[Service]\nExecStart\n", "[Service]\nExecStart\nA=b\n", "[S]\nA"})
    void whatFleetRefusedIsNoneOfItsFiles(String text) {
        assertThat(FleetFile.read(ByteString.copyFromUtf8(text))).isEmpty();
    }

    @Test
    void whatIsDescribedReadsBackAsTheSame() throws Exception {
        var options = List.of(
                option("A", "b", "ends in \\"), option("C", "d", " trimmed "), option("A", "e", "goes \\\n on"),
                option("A", "f", ""));

        var file = FleetFile.described(options);

        assertThat(read(file.text())).isEqualTo(file);
        assertThat(file.options()).containsExactly(
                option("A", "b", "ends in \\"), option("A", "e", "goes \\\n on"), option("A", "f", ""),
                option("C", "d", "trimmed"));
    }

    @Test
    void optionsThatAreMoreThanTheySeemAreRefused() {
        for (var sly : List.of(
                option("A", "b", "c\nd=e"), option("A]\n[B", "c", "d"), option("A", "b=c\nd", "e"), option("A", "#b", "c"),
                option("A", "b", "c \\\n\nd=e"), option("A", "[b]", "c"), option("", "", ""), option("A", "", "b"))) {
            assertThatThrownBy(() -> FleetFile.described(List.of(option("A", "first", "x"), sly)))
                    .isInstanceOf(FleetException.class)
                    .hasMessageContaining("cannot stand in a unit file");
        }
    }

    /// Whatever options are made of: they are refused, or a file has them and no others.
    @Test
    void noOptionsBecomeOthers() {
        var random = new SplittableRandom(20_261_122);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            var options = List.of(
                    option(text(random), text(random), text(random)), option(text(random), text(random), text(random)));
            try {
                var file = FleetFile.described(options);
                taken++;
                assertThat(read(file.text()).options()).hasSize(2)
                        .containsExactlyInAnyOrderElementsOf(options.stream().map(UnitOption::stripped).toList());
            } catch (FleetException e) {
                assertThat(e.status()).isEqualTo(400);
            }
        }
        assertThat(taken).isGreaterThan(100);
    }

    private static String text(SplittableRandom random) {
        var text = new StringBuilder();
        for (int length = random.nextInt(4); length > 0; length--) {
            text.append("aB=[]#; \\\n\r\t".charAt(random.nextInt(12)));
        }
        return text.toString();
    }
}
