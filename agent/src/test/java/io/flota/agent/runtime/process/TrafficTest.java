package io.flota.agent.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TrafficTest {
    @Test
    void interfacesAreAddedUpWithoutTheLoopback() {
        assertThat(Traffic.parse(List.of(
                        "Inter-|   Receive                                                |  Transmit",
                        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo",
                        "    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0",
                        "  eth0:    1500       3    0    0    0     0          0         0       70       1    0    0    0",
                        "  eth1:12345678901    4    0    0    0     0          0         0        5       1    0    0    0")))
                .isEqualTo(new Traffic(12345680401L, 75));
    }

    @Test
    void whatTheMachinesNetworkCarriesIsNobodysOwn() {
        assertThat(Traffic.of(List.of(ProcessHandle.current().pid(), 0L))).isEmpty();
    }

    /// A pair of interfaces in one network: what one sends, the other receives; here the question who 10.99.0.2 is.
    @Test
    void whatGoesOverANetworkOfTheProcessesOwnIsCounted() throws IOException, InterruptedException {
        var script = "ip link add one type veth peer name two && ip link set one up && ip link set two up"
                + " && ip address add 10.99.0.1/24 dev one && bash -c 'echo >/dev/udp/10.99.0.2/9' && echo made"
                + " || echo refused; exec cat";
        var process = new ProcessBuilder("unshare", "--net", "sh", "-c", script).redirectErrorStream(true).start();
        try {
            var said = process.inputReader().readLine();
            assumeThat(said).as("a network of one's own can be made here").isEqualTo("made");

            var traffic = Traffic.of(List.of(process.pid(), process.pid()));
            assertThat(traffic).isPresent();
            assertThat(traffic.get().sent()).isPositive();
            assertThat(traffic.get().received()).isPositive();
        } finally {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }
}
