package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.examples.faults.Network.Cut;
import io.flota.examples.faults.Network.Way;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// We are the agent of machine-1, and an etcd member that answers every byte with the next one.
class NetworkTest {
    private static final String ADDRESS = "127.213.17.211";
    private static final int SHIFT = 700;
    private static final int PATIENCE_MILLIS = 300;
    private static final Way THERE = new Way("machine-1", "etcd-1");

    @TempDir
    private Path folder;

    private final AtomicInteger heard = new AtomicInteger();
    private ServerSocket member;
    private Network network;

    @BeforeEach
    void open() throws IOException {
        member = new ServerSocket();
        member.setReuseAddress(true);
        member.bind(new InetSocketAddress(ADDRESS, 2379 + SHIFT + 10_000));
        Thread.ofVirtual().start(this::serve);
        Files.writeString(folder.resolve("cluster.properties"), "network=127.213.17\nport-shift=" + SHIFT + "\n");
        process("etcd-1", 1);
        process("machine-1", ProcessHandle.current().pid());
        network = new Network(new Nodes(folder), 1);
        network.open();
    }

    @AfterEach
    void close() throws IOException {
        network.close();
        member.close();
    }

    @Test
    void carriesWhatIsSaidBothWays() throws IOException {
        try (var client = client()) {
            assertThat(ask(client, 1)).isEqualTo(2);
            assertThat(ask(client, 7)).isEqualTo(8);
        }
    }

    @Test
    void aSilentCutHoldsWhatIsSaidUntilItIsMended() throws IOException {
        try (var client = client()) {
            assertThat(ask(client, 1)).isEqualTo(2);
            var cut = Cut.between(List.of("machine-1"), List.of("etcd-1"), false);
            network.cut(cut);

            assertThatThrownBy(() -> ask(client, 3)).isInstanceOf(SocketTimeoutException.class);

            network.mend(cut);
            assertThat(answer(client)).isEqualTo(4);
        }
    }

    @Test
    void acrossOneWayThatIsCutTheQuestionArrivesAndTheAnswerDoesNot() throws IOException {
        try (var client = client()) {
            assertThat(ask(client, 1)).isEqualTo(2);
            network.cut(new Cut(Set.of(THERE.back()), false));

            assertThatThrownBy(() -> ask(client, 3)).isInstanceOf(SocketTimeoutException.class);
            assertThat(heard.get()).isEqualTo(3);

            network.mendAll();
            assertThat(answer(client)).isEqualTo(4);
        }
    }

    @Test
    void aCutThatRefusesBreaksWhatIsOpenAndWhateverIsOpened() throws IOException {
        try (var client = client()) {
            assertThat(ask(client, 1)).isEqualTo(2);
            var cut = Cut.between(List.of("machine-1"), List.of("etcd-1"), true);
            network.cut(cut);

            assertThat(isBroken(client)).isTrue();
            try (var another = client()) {
                assertThat(isBroken(another)).isTrue();
            }
            network.mend(cut);
            try (var third = client()) {
                assertThat(ask(third, 1)).isEqualTo(2);
            }
        }
    }

    @Test
    void aCutOfAnotherNodeIsNoneOfOurs() throws IOException {
        network.cut(Cut.between(List.of("machine-2"), List.of("etcd-1"), true));

        try (var client = client()) {
            assertThat(ask(client, 1)).isEqualTo(2);
        }
    }

    private static boolean isBroken(Socket client) {
        try {
            client.getOutputStream().write(1);
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    private void process(String node, long pid) throws IOException {
        Files.createDirectory(folder.resolve(node));
        Files.writeString(folder.resolve(node).resolve("pid"), pid + " 0\n");
    }

    private static Socket client() throws IOException {
        var client = new Socket(ADDRESS, 2379 + SHIFT);
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static int ask(Socket client, int question) throws IOException {
        client.getOutputStream().write(question);
        return answer(client);
    }

    private static int answer(Socket client) throws IOException {
        return client.getInputStream().read();
    }

    private void serve() {
        while (!member.isClosed()) {
            try {
                var accepted = member.accept();
                Thread.ofVirtual().start(() -> echo(accepted));
            } catch (IOException _) {
                continue; // closed
            }
        }
    }

    private void echo(Socket socket) {
        try (socket) {
            for (int read = socket.getInputStream().read(); read >= 0; read = socket.getInputStream().read()) {
                heard.set(read);
                socket.getOutputStream().write(read + 1);
            }
        } catch (IOException _) {
            return; // broken, as the test wants it
        }
    }
}
