package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Customers' sites of `examples/hosting`: whatever becomes of one, the others go on.
class HostingIT {
    private static final Customers CUSTOMERS = new Customers(temporary());
    private static final List<String> NAMES = List.of("acme", "globex", "initech", Customers.MALLORY);
    private static final List<String> MACHINES = List.of("machine-1", "machine-2", "machine-3");
    private static final Path HOSTING = Path.of("hosting");
    private static final int MANY_VISITORS = 300;

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with(
            "--machines", "3", "--ttl", "2s", "--environment", "HOSTING=" + CUSTOMERS.folder());

    @TempDir
    Path folder;

    private final Map<String, Proxy> fronts = new ConcurrentHashMap<>();
    private Api api;

    private static Path temporary() {
        try {
            return Files.createTempDirectory("flota-hosting");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @BeforeEach
    void start() throws IOException {
        api = new Api(CLUSTER.endpoint());
        Files.copy(HOSTING.resolve("hosting-front.service"), folder.resolve("hosting-front.service"));
        Files.writeString(folder.resolve("site@.service"), template());
        for (var name : NAMES) {
            CUSTOMERS.add(name);
        }
        hosting(Units.arguments("start", new String[] {"hosting-front"}, sites()));
        Units.eventually(this::allServe);
    }

    @AfterEach
    void stop() {
        try {
            CLUSTER.unitctl(Units.arguments("destroy", api.units().keySet().toArray(String[]::new))).ok();
        } finally {
            api.close();
        }
    }

    @AfterAll
    static void remove() throws IOException {
        CUSTOMERS.clear();
    }

    /// Without the users that systemd would make, as these machines have none to run sites.
    private static String template() throws IOException {
        var template = Files.readString(HOSTING.resolve("site@.service"));
        assertThat(template).contains("\nUser=site-%i\n");
        return template.replace("\nUser=site-%i\n", "\n");
    }

    private static String[] sites() {
        return NAMES.stream().map(name -> "site@" + name).toArray(String[]::new);
    }

    private void hosting(String... arguments) {
        CLUSTER.unitctl().in(folder).run(arguments).ok();
    }

    private Proxy front(String machine) {
        return fronts.computeIfAbsent(machine, name -> Traffic.by(CLUSTER.ipOf(name), 8080));
    }

    private String visit(String machine, String customer, String path) throws IOException {
        return Traffic.get(Customers.page(customer, path), front(machine));
    }

    /// At each machine that has an nginx.
    private void allServe() throws IOException {
        var hosts = api.hosts();
        var serving = api.machinesOf("hosting-front.service").toList();
        assertThat(serving).isNotEmpty();
        for (var machine : serving) {
            for (var name : NAMES) {
                assertThat(visit(hosts.get(machine), name, "/")).isEqualTo(name);
            }
        }
    }

    private String machineOf(String customer) {
        return api.hosts().get(idOf(customer));
    }

    /// Of the machine where the customer's site is active.
    private String idOf(String customer) {
        return api.machinesOf("site@" + customer + ".service").findFirst().orElseThrow();
    }

    private static void assertNoneFailed(Traffic traffic) {
        var tally = traffic.tally();
        assertThat(tally.asked()).isGreaterThan(Traffic.PER_SECOND);
        assertThat(tally.failed()).as("failed of %d requests, within %s", tally.asked(), tally.away()).isZero();
    }

    @Test
    void everyMachineServesEverySiteByItsNameAndNoOther() throws IOException {
        allServe();

        for (var machine : MACHINES) {
            assertThatThrownBy(() -> visit(machine, "nobody", "/")).hasMessageContaining("503");
        }
    }

    @Test
    void whoTakesAllMemoryAllTasksAndAllPatienceTakesItFromNobodyElse() throws Exception {
        var there = machineOf(Customers.MALLORY);
        var neighbour = NAMES.stream()
                .filter(name -> !name.equals(Customers.MALLORY) && machineOf(name).equals(there))
                .findFirst()
                .orElseThrow();
        try (var traffic = new Traffic(Customers.page(neighbour, "/"), front(there))) {
            assertThat(page("memory")).as("it was killed before it had all").doesNotContain("512 MB");
            assertThat(page("tasks")).matches("(?s)([1-9]|[12]\\d|3[01]) processes, then: Resource temporarily unavailable\n");
            hosting("set-property", "site@mallory", "TasksMax=8");
            Units.eventually(() -> assertThat(page("tasks")).matches("(?s)[1-7] processes, then: .*"));
            IntStream.range(0, MANY_VISITORS).forEach(_ -> Thread.ofVirtual().start(() -> keepWaiting(there)));
            long asked = traffic.tally().asked();
            Units.eventually(() -> assertThat(traffic.tally().asked()).isGreaterThan(asked + 3L * Traffic.PER_SECOND));

            assertNoneFailed(traffic);
        }
        Units.eventually(this::allServe);
    }

    /// What a page of Mallory's shows, however long it takes.
    private String page(String path) throws IOException {
        var connection = Customers.page(Customers.MALLORY, "/" + path).toURL().openConnection(front("machine-1"));
        try (var body = connection.getInputStream()) {
            return new String(body.readAllBytes());
        }
    }

    private void keepWaiting(String machine) {
        try {
            visit(machine, Customers.MALLORY, "/hang");
        } catch (IOException _) {
            // as is to be expected: nobody answers
        }
    }

    @Test
    void aMachineDiesAndItsSitesAreBackWhileTheOthersGoOn() throws Exception {
        var victim = machineOf("globex");
        var bystander = NAMES.stream().filter(name -> !machineOf(name).equals(victim)).findFirst().orElseThrow();
        try (var traffic = new Traffic(Customers.page(bystander, "/"), front(machineOf(bystander)))) {
            CLUSTER.kill(victim);

            Units.eventually(() -> {
                assertThat(api.hosts().values()).hasSize(2).doesNotContain(victim);
                allServe();
            });
            assertNoneFailed(traffic);
        } finally {
            CLUSTER.restart(victim);
        }
        Units.eventually(() -> {
            assertThat(api.hosts().values()).hasSize(3);
            allServe();
        });
    }

    @Test
    void aCustomerComesMovesAndGoesAndNoRequestToAnotherFails() throws Exception {
        var here = machineOf("globex");
        try (var traffic = new Traffic(Customers.page("globex", "/"), front(here))) {
            CUSTOMERS.add("umbrella");
            hosting("start", "site@umbrella");
            Units.eventually(() -> assertThat(visit(here, "umbrella", "/")).isEqualTo("umbrella"));

            var target = api.hosts().entrySet().stream()
                    .filter(host -> !host.getValue().equals(machineOf("umbrella")))
                    .findFirst()
                    .orElseThrow();
            CLUSTER.unitctl("set-metadata", target.getKey(), "class=gold").ok();
            Files.writeString(
                    folder.resolve("site@umbrella.service"),
                    template() + "\n[X-Fleet]\nMachineMetadata=class=gold\n");
            hosting("start", "--replace", "site@umbrella");
            Units.eventually(() -> {
                assertThat(machineOf("umbrella")).isEqualTo(target.getValue());
                assertThat(visit(here, "umbrella", "/")).isEqualTo("umbrella");
            });

            hosting("destroy", "site@umbrella");
            Units.eventually(() -> assertThatThrownBy(() -> visit(here, "umbrella", "/")).hasMessageContaining("503"));
            CLUSTER.unitctl("unset-metadata", target.getKey(), "class").ok();
            assertNoneFailed(traffic);
        }
    }

    @Test
    void aDrainedMachineGivesItsSitesToOthers() {
        var here = machineOf("globex");
        var id = idOf("globex");

        CLUSTER.unitctl("drain", id).ok();

        try {
            Units.eventually(() -> {
                assertThat(NAMES).noneMatch(name -> machineOf(name).equals(here));
                allServe();
            });
        } finally {
            CLUSTER.unitctl("uncordon", id).ok();
        }
    }
}
