package io.flota.unitctl.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SshAccessTest {
    private static final SshAccess USUAL =
            new SshAccess("core", Duration.ofSeconds(10), List.of(), true, Optional.empty());

    @Test
    void aHostsKeyHasToBeKnownUnlessItIsSaidThatAnyWillDo() {
        assertThat(USUAL.to("10.0.0.1", Optional.empty(), List.of(), List.of()))
                .containsExactly(
                        "ssh", "-l", "core", "-o", "ConnectTimeout=10", "-o", "StrictHostKeyChecking=ask", "--",
                        "10.0.0.1");
    }

    @Test
    void eachFlagBecomesAnOption() {
        var access = new SshAccess(
                "me", Duration.ofMillis(1500), List.of("~/a", "/b c"), true, Optional.empty());

        assertThat(access.to("10.0.0.1", Optional.of(2222), List.of("-A"), List.of("uptime", "-p")))
                .containsExactly(
                        "ssh", "-l", "me", "-o", "ConnectTimeout=2", "-o", "StrictHostKeyChecking=ask", "-o",
                        "UserKnownHostsFile=~/a \"/b c\"", "-p", "2222", "-A", "--", "10.0.0.1", "uptime", "-p");
    }

    @Test
    void withoutStrictCheckingNoKeyIsAskedForOrRemembered() {
        var access = new SshAccess(
                "core", Duration.ofSeconds(1), List.of("/known"), false, Optional.empty());

        assertThat(access.to("h", Optional.empty(), List.of(), List.of()))
                .contains("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null")
                .doesNotContain("UserKnownHostsFile=/known");
    }

    @ParameterizedTest(name = "{0}: host {1}, {2}")
    @CsvSource(nullValues = "-", textBlock = """
            10.0.0.9,        10.0.0.9, -
            10.0.0.9:2222,   10.0.0.9, 2222
            fd00::1,         fd00::1,  -
            [fd00::1]:2222,  fd00::1,  2222
            [fd00::1],       fd00::1,  -
            """)
    void aTunnelMayHaveAPort(String via, String host, String port) {
        var words = USUAL.toTunnel(via, List.of(), List.of("cat"));

        assertThat(words).endsWith("--", host, "cat");
        assertThat(words.contains("-p")).isEqualTo(port != null);
        assertThat(port == null || words.contains(port)).isTrue();
    }

    @Test
    void theWayThroughATunnelHasTheSameOptions() {
        var access = new SshAccess(
                "it's 5%r", Duration.ofSeconds(1), List.of(), true, Optional.of("10.0.0.9:2222"));

        assertThat(access.to("10.0.0.1", Optional.empty(), List.of(), List.of()))
                .contains("ProxyCommand=ssh -W '[10.0.0.1]:'%p '-l' 'it'\\''s 5%%r' '-o' 'ConnectTimeout=1'"
                        + " '-o' 'StrictHostKeyChecking=ask' '-p' '2222' '--' '10.0.0.9'");
        assertThat(access.to("fe80::1%eth0", Optional.of(2200), List.of(), List.of()))
                .anyMatch(word -> word.startsWith("ProxyCommand=ssh -W '[fe80::1%%eth0]:'2200 "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "fd00::1", "::1", "fe80::1%eth0", "node-2.example.org", "under_score"})
    void whatNamesAMachineIsAnAddress(String text) {
        assertThat(SshAccess.isAddress(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-oProxyCommand=x", "-l", "10.0.0.1'; reboot; '", "a b", "a@b", "$(id)", "`id`", "a\nb", "a/b", "%h"})
    void whatAShellOrSshCouldMistakeIsNone(String text) {
        assertThat(SshAccess.isAddress(text)).isFalse();
    }
}
