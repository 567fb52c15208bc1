package io.flota.examples;

import static io.flota.examples.GaleraMachines.CRASHES;
import static io.flota.examples.GaleraMachines.FIRST;
import static io.flota.examples.GaleraMachines.STAYS;
import static io.flota.examples.GaleraMachines.WRONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is the first server of `examples/galera`, on [GaleraMachines].
class GaleraBookIT {
    private static final int ENOUGH = 20;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private GaleraMachines machines;

    @BeforeEach
    void make() throws IOException {
        machines = new GaleraMachines(folder);
    }

    @AfterEach
    void end() {
        machines.close();
    }

    @Test
    void onlyOneServerIsTheFirstOneAndItHasAllThatWasWritten() throws Exception {
        startAll();

        await().atMost(LIMIT).until(() -> wrong().size() > 0 || first().size() >= ENOUGH);

        assertThat(wrong()).isEmpty();
        assertThat(first().stream().map(line -> Integer.parseInt(line.split(" ")[0])))
                .as("each generation has one first server")
                .containsExactlyElementsOf(IntStream.rangeClosed(1, first().size()).boxed().toList());
    }

    @Test
    void oneThatNeverReturnsIsWaitedForUntilItIsForgottenAndIsRefilledWhenItDoes() throws Exception {
        machines.make(STAYS);
        startAll();
        eventually(() -> allServe(1));
        int lost = firstMachine() % GaleraMachines.COUNT + 1; // one that joined
        var rest = GaleraMachines.all().filter(i -> i != lost).boxed().toList();

        machines.kill(lost);
        machines.make(CRASHES);
        machines.remove(STAYS); // and all others end

        var waits = "waits: the server of machine-" + lost + " may be running";
        eventually(() -> assertThat(rest).allSatisfy(i -> assertThat(machines.said(i)).contains(waits)));
        eventually(() -> assertThat(machines.book()).filteredOn(line -> line.contains(" down ")).hasSize(rest.size()));
        assertThat(first()).as("nobody goes on without it").hasSize(1);

        machines.make(STAYS);
        operator(rest.getFirst(), "forget", "machine-" + lost);
        eventually(() -> assertThat(up(2)).isEqualTo(rest.size()));
        machines.start(lost);

        eventually(() -> allServe(2));
        assertThat(machines.said(lost)).as("with all data of the others").contains("joins generation 2");
        assertThat(first()).hasSize(2);
        assertThat(wrong()).isEmpty();
    }

    @Test
    void withoutTheBookNobodyIsTheFirstOneUntilAnOperatorChoosesWhoseDataCounts() throws Exception {
        int chosen = 2;
        machines.make(STAYS);
        startAll();
        eventually(() -> allServe(1));
        GaleraMachines.all().forEach(machines::kill);
        machines.announceNobody();

        machines.loseBook();
        startAll();

        eventually(() -> assertThat(GaleraMachines.all()).allSatisfy(
                i -> assertThat(machines.said(i)).contains("the book has 0 -: an operator decides")));
        assertThat(first()).as("nobody begins anew").hasSize(1);

        operator(chosen, "choose");
        machines.kill(chosen);
        machines.start(chosen);

        eventually(() -> allServe(2));
        assertThat(first()).hasSize(2);
        assertThat(firstMachine()).isEqualTo(chosen);
        assertThat(wrong()).isEmpty();
    }

    private void startAll() {
        GaleraMachines.all().forEach(machines::start);
    }

    /// Again until it is done, as some of etcd's answers are lost.
    private void operator(int machine, String... arguments) {
        eventually(() -> assertThat(machines.operator(machine, arguments)).isTrue());
    }

    private List<String> first() throws IOException {
        return machines.lines(FIRST);
    }

    private List<String> wrong() throws IOException {
        return machines.lines(WRONG);
    }

    private void allServe(int generation) throws Exception {
        assertThat(up(generation)).isEqualTo(GaleraMachines.COUNT);
        for (int i : GaleraMachines.all().toArray()) {
            assertThat(machines.served(i, generation)).isTrue();
        }
    }

    /// How many servers run in this generation, as the book has it.
    private int up(int generation) throws Exception {
        var up = "member machine-[0-9] " + generation + " up( first)?";
        return (int) machines.book().stream().filter(line -> line.matches(up)).count();
    }

    /// Where the first server of the present generation is.
    private int firstMachine() throws IOException {
        return Integer.parseInt(first().getLast().replaceAll(".*machine-", ""));
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(100)).untilAsserted(assertion);
    }
}
