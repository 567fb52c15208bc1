package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.AboutRequest;
import io.flota.examples.Api;
import io.flota.examples.faults.Fault.CutOff;
import io.flota.examples.faults.Fault.Manner;
import io.flota.examples.faults.Witnesses.Living;
import io.flota.registry.Fact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.ValveFact;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The leader sees two of three machines vanish at once, of which it cannot know whether they are dead.
class ValveIT {
    /// Only ends a hopeless wait.
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Fault MOST_CUT_OFF =
            new CutOff(List.of("machine-1", "machine-2"), List.of("etcd-1"), Manner.SILENT);
    private static final List<String> UNITS = IntStream.rangeClosed(1, 9).mapToObj(i -> "steady@" + i).toList();

    @RegisterExtension
    final FaultBox box = FaultBox.with(1, "--machines", "3", "--ttl", "3s");

    private final Settled settled = new Settled(3, _ -> false, _ -> false);
    private Path files;
    private Registrar registrar;
    private Api api;
    private Set<Living> before;
    private Map<String, String> names = Map.of();

    @BeforeEach
    void startUnits() {
        files = Company.write(box.witnesses(), box.folder()).getFirst();
        registrar = new Registrar(box.network().behind());
        api = new Api(box.cluster().endpoint());
        box.cluster().unitctl().in(files).run(new Command("start", UNITS, 0).arguments()).ok();
        eventually(() -> assertThat(wanting()).isEmpty());
        before = living();
        assertThat(before.stream().map(Living::machine).distinct()).hasSize(3);
    }

    @AfterEach
    void disconnect() {
        api.close();
        registrar.close();
    }

    @Test
    void nothingMovesUntilTheyAreBackAndThenAllIsAsBefore() {
        var placements = placements();

        closeTheValve();

        assertThat(box.cluster().unitctl("valve").ok()).contains("closed");
        assertThat(box.cluster().unitctl("list-units").err()).contains("valve");
        assertThat(held()).contains("valve");
        holds(Duration.ofSeconds(10), () -> {
            assertThat(placements()).isEqualTo(placements);
            assertThat(living()).isEqualTo(before);
        });

        box.undo(MOST_CUT_OFF);

        eventually(() -> assertThat(wanting()).isEmpty());
        eventually(() -> assertThat(box.cluster().unitctl("list-units").err()).isEmpty());
        holds(Duration.ofSeconds(5), () -> {
            assertThat(placements()).isEqualTo(placements);
            assertThat(living()).isEqualTo(before);
        });
        assertThat(box.witnesses().runs().values()).allSatisfy(runs -> assertThat(runs).hasSize(1));
        assertThat(held()).isEmpty();
    }

    @Test
    void theyAreLostOnceAnOperatorSaysSo() {
        closeTheValve();
        var alone = before.stream().filter(unit -> hostOf(unit).equals("machine-3")).collect(Collectors.toSet());

        box.cluster().unitctl("valve", "release").ok();

        eventually(() -> assertThat(living().stream().filter(unit -> hostOf(unit).equals("machine-3")))
                .hasSize(UNITS.size())
                .containsAll(alone));

        box.undo(MOST_CUT_OFF);

        eventually(() -> assertThat(wanting()).isEmpty());
    }

    private void closeTheValve() {
        names = api.hosts();
        box.inflict(MOST_CUT_OFF);
        eventually(() -> {
            assertThat(facts(MachineFact.class)).hasSize(1);
            assertThat(facts(ValveFact.class)).hasSize(1);
        });
    }

    private String hostOf(Living unit) {
        return names.get(unit.machine());
    }

    private String held() {
        return api.stub().about(AboutRequest.getDefaultInstance()).getFreshness().getHeldReason();
    }

    private List<String> wanting() {
        return settled.wanting(registrar.facts(), box.witnesses().living());
    }

    private Set<Living> living() {
        return Set.copyOf(box.witnesses().living());
    }

    private Set<PlacementFact> placements() {
        return Set.copyOf(facts(PlacementFact.class));
    }

    private <T extends Fact> List<T> facts(Class<T> kind) {
        return registrar.facts().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(100)).untilAsserted(assertion);
    }

    private static void holds(Duration time, ThrowingRunnable assertion) {
        await().during(time).atMost(time.multipliedBy(3)).untilAsserted(assertion);
    }
}
