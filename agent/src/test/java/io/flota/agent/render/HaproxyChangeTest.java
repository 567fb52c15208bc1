package io.flota.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HaproxyChangeTest {
    private static final String BEFORE = """
            global
                maxconn 100
            frontend all
                bind :80
                default_backend web
            backend web
                balance roundrobin
                server a 10.0.0.1:80 check weight 10
                server b 10.0.0.2:80 check disabled
                server c name.example:80 check
            """;

    private static Optional<List<String>> change(String from, String to) {
        return HaproxyChange.between(BEFORE, BEFORE.replace(from, to))
                .map(commands -> commands.stream().map(HaproxyChange.Command::text).toList());
    }

    @Test
    void addressesPortsWeightsAndStatesNeedNoReload() {
        assertThat(change("10.0.0.1:80 check weight 10", "10.0.0.9:81 weight 20 check")).hasValue(List.of(
                "set server web/a addr 10.0.0.9 port 81", "set server web/a weight 20"));
        assertThat(change("10.0.0.1:80", "[fd00::1]:80")).hasValue(List.of("set server web/a addr fd00::1 port 80"));
    }

    @Test
    void aServerThatGoesIsGoneBeforeItsAddressChanges() {
        assertThat(change("10.0.0.1:80 check", "127.0.0.1:1 check disabled")).hasValue(List.of(
                "set server web/a state maint", "set server web/a addr 127.0.0.1 port 1"));
        assertThat(change("10.0.0.2:80 check disabled", "10.0.0.3:80 check")).hasValue(List.of(
                "set server web/b addr 10.0.0.3 port 80", "set server web/b state ready"));
    }

    @Test
    void whatMeansNothingTakesNoCommand() {
        assertThat(change("    maxconn 100\n", "\n # words\n\tmaxconn   100\n")).hasValue(List.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            maxconn 100          | maxconn 200
            server a             | server z
            check weight 10      | check inter 1s weight 10
            check weight 10      | check
            check weight 10      | weight 10
            name.example:80      | other.example:80
            name.example:80      | 10.0.0.1:80
            10.0.0.1:80          | "10.0.0.1:80"
            server a             | server 'a;shutdown'
            backend web          | peers web
            roundrobin           | roundrobin # now
            """)
    void allElseTakesAReload(String from, String to) {
        assertThat(change(from, to)).isEmpty();
    }

    @Test
    void oneMoreServerTakesAReload() {
        assertThat(HaproxyChange.between(BEFORE, BEFORE + "    server d 10.0.0.4:80\n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IP changed from '127.0.0.1' to '10.0.0.9', port changed from '1' to '81' by 'stats socket command' | true
            no need to change the addr, port changed from '80' to '81' by 'stats socket command'               | true
            IP changed from '1' to '2', no need to change the port by 'stats socket command'                    | true
            No such server.                                                                                     | false
            Invalid addr family.                                                                                | false
            """)
    void haproxysAnswersAreUnderstood(String answer, boolean done) {
        var command = HaproxyChange.between(BEFORE, BEFORE.replace("10.0.0.1", "10.0.0.9")).orElseThrow().getFirst();

        assertThat(command.answer().matcher(answer).matches()).isEqualTo(done);
    }
}
