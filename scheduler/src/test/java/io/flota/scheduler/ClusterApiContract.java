package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static io.flota.scheduler.TestCluster.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.AboutReply;
import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.GetUnitFileRequest;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachinePolicy;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.Refusal;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.api.v1.UnitOnMachine;
import io.flota.store.StoreException;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the Cluster service promises, whichever way it is asked.
abstract class ClusterApiContract {
    private static final String[] WEB = {"[Unit]", "Description=Web %i", "[Service]", "ExecStart=/bin/true"};
    private static final String[] OTHER = {"[Service]", "ExecStart=/bin/false"};

    private TestCluster cluster;
    private Api api;

    abstract Api open(TestCluster cluster, Scheduler scheduler);

    @BeforeEach
    void lead() {
        cluster = new TestCluster();
        api = open(cluster, cluster.scheduler("one"));
        await().until(() -> about().getLeader().getSchedulerId().equals("one"));
    }

    private AboutReply about() {
        return api.ask(ClusterGrpc.getAboutMethod(), AboutRequest.getDefaultInstance());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static UnitIntent restart(String name) {
        return UnitIntent.newBuilder().setName(name).setRestart(true).build();
    }

    private List<String> names(ListUnitsRequest.Builder request) {
        return api.ask(ClusterGrpc.getListUnitsMethod(), request.build()).getUnitsList().stream()
                .map(Unit::getName)
                .toList();
    }

    private String onlyActiveState(String unit) {
        var machines = api.unit(unit).getMachinesList();
        return machines.size() == 1 ? machines.getFirst().getState().getActive() : "";
    }

    @Test
    void aUnitIsRegisteredAndListedAtOnce() {
        api.apply(submit("web.service", WEB));

        var unit = api.unit("web.service");
        assertThat(unit.getDesired()).isEqualTo(DesiredState.DESIRED_STATE_INACTIVE);
        assertThat(unit.getMachinesList()).isEmpty();
        assertThat(unit.getRefusalsList()).isEmpty();
        assertThat(api.list().getFreshness().getStaleSinceMillis()).isZero();
    }

    @Test
    void aStartedUnitIsPlacedAndItsStateShown() {
        cluster.machine(1);

        api.apply(start("web.service", WEB));

        await().until(() -> onlyActiveState("web.service").equals("active"));
        var there = api.unit("web.service").getMachines(0);
        assertThat(there.getMachineId()).isEqualTo(FakeAgent.id(1).value());
        assertThat(there.getPublicIp()).isEqualTo("10.0.0.1");
        assertThat(there.getPlacement().getReason()).isNotEmpty();
        assertThat(there.getState().getPlacementId()).isEqualTo(there.getPlacement().getId());
    }

    @Test
    void aWaitingUnitSaysWhy() {
        cluster.machine(1);
        await().until(() -> !machines().isEmpty());

        api.apply(start("web.service", "[Service]", "ExecStart=/bin/true", "[X-Fleet]", "MachineMetadata=rack=none"));

        var refusals = api.unit("web.service").getRefusalsList();
        assertThat(refusals).hasSize(1);
        assertThat(refusals.getFirst().getMachineId()).isEqualTo(FakeAgent.id(1).value());
        assertThat(refusals.getFirst().getReason()).contains("rack");
    }

    @Test
    void anInstanceTakesTheFileOfItsRegisteredTemplate() {
        api.apply(submit("web@.service", WEB));

        api.apply(start("web@1.service"));

        assertThat(api.unit("web@1.service").getFileHash()).isEqualTo(api.unit("web@.service").getFileHash());
        assertThat(api.unit("web@.service").getDescription()).isEqualTo("Web %i");
        assertThat(api.unit("web@1.service").getDescription()).isEqualTo("Web 1");
    }

    @Test
    void aTemplateAndItsInstancesMayComeInOneCall() {
        api.apply(start("web@1.service"), start("web@2.service"), submit("web@.service", WEB));

        assertThat(names(ListUnitsRequest.newBuilder()))
                .containsExactly("web@.service", "web@1.service", "web@2.service");
    }

    @Test
    void aTemplateCannotBeStarted() {
        assertThatThrownBy(() -> api.apply(start("web@.service", WEB)))
                .hasMessage("INVALID_ARGUMENT: cannot activate template \"web@.service\"");
    }

    @Test
    void aUnitThatNobodyKnowsNeedsAFile() {
        assertThatThrownBy(() -> api.apply(start("web.service")))
                .hasMessage("NOT_FOUND: unit web.service is not registered and no file was given");
    }

    @Test
    void allProblemsAreToldAtOnceAndNothingIsWritten() {
        assertThatThrownBy(() -> api.apply(
                        submit("good.service", WEB),
                        start("unknown.service"),
                        start("web@.service", WEB),
                        submit("bad name.service", WEB),
                        submit("broken.service", "[Service", "ExecStart=/bin/true")))
                .hasMessageStartingWith("INVALID_ARGUMENT: ")
                .hasMessageContaining("unit unknown.service is not registered and no file was given")
                .hasMessageContaining("cannot activate template \"web@.service\"")
                .hasMessageContaining("\"bad name.service\": invalid character ' '")
                .hasMessageContaining("./broken.service:1: ")
                .satisfies(e -> assertThat(((StatusRuntimeException) e).getStatus().getDescription().lines())
                        .hasSizeGreaterThanOrEqualTo(4));

        assertThat(api.list().getUnitsList()).isEmpty();
    }

    @Test
    void anotherFileIsRefusedUnlessItReplaces() {
        api.apply(submit("web.service", WEB));
        var before = api.unit("web.service").getFileHash();

        assertThatThrownBy(() -> api.apply(submit("web.service", OTHER)))
                .hasMessageStartingWith("FAILED_PRECONDITION: unit web.service is registered with another file");
        assertThat(api.unit("web.service").getFileHash()).isEqualTo(before);

        api.apply(submit("web.service", OTHER).toBuilder().setReplace(true).build());
        assertThat(api.unit("web.service").getFileHash()).isNotEqualTo(before);
    }

    @Test
    void theSameFileAgainChangesNothing() {
        api.apply(submit("web.service", WEB));
        long revision = api.list().getFreshness().getRevision();

        api.apply(submit("web.service", WEB));

        assertThat(api.list().getFreshness().getRevision()).isEqualTo(revision);
    }

    @Test
    void aFileComesBackByteForByte() {
        var intent = submit("web.service", "# é\r", "[Service]", "ExecStart=/bin/echo \\", "  a");
        api.apply(intent);

        var reply = api.ask(
                ClusterGrpc.getGetUnitFileMethod(),
                GetUnitFileRequest.newBuilder().setName("web.service").build());

        assertThat(reply.getFile()).isEqualTo(intent.getFile());
        assertThat(reply.getFileHash()).isEqualTo(api.unit("web.service").getFileHash());
    }

    @Test
    void theFileOfAnUnknownUnitIsNotFound() {
        assertThatThrownBy(() -> api.ask(
                        ClusterGrpc.getGetUnitFileMethod(),
                        GetUnitFileRequest.newBuilder().setName("web.service").build()))
                .hasMessage("NOT_FOUND: unit web.service is not registered");
    }

    @Test
    void restartRaisesTheGenerationAndItReachesTheMachine() {
        cluster.machine(1);
        api.apply(start("web.service", WEB));
        await().until(() -> onlyActiveState("web.service").equals("active"));

        api.apply(restart("web.service"));

        await().until(() -> api.unit("web.service").getMachines(0).getState().getGeneration() == 2);
    }

    @Test
    void propertiesReachTheMachineWithoutARestartAndGoAlongWhereverTheUnitGoes() {
        cluster.machine(1);
        api.apply(start("web.service", WEB));
        await().until(() -> onlyActiveState("web.service").equals("active"));

        api.apply(set("web.service", Map.of("MemoryMax", "64M", "TasksMax", "7")));
        api.apply(set("web.service", Map.of("TasksMax", "", "CPUQuota", "50%")));
        api.apply(start("web.service", OTHER).toBuilder().setReplace(true).build());

        var wanted = Map.of("MemoryMax", "64M", "CPUQuota", "50%");
        assertThat(api.unit("web.service").getPropertiesMap()).isEqualTo(wanted);
        assertThat(api.unit("web.service").getGeneration()).isEqualTo(1);
        await().until(() -> placement("web.service").getPropertiesMap(), wanted::equals);
        assertThat(placement("web.service").getGeneration()).isEqualTo(1);
        api.apply(set("web.service", Map.of("MemoryMax", "", "CPUQuota", "")));
        await().until(() -> placement("web.service").getPropertiesMap().isEmpty());
    }

    @Test
    void badPropertiesAreRefusedAndNothingIsWritten() {
        api.apply(submit("web.service", WEB), submit("web@.service", WEB));
        long revision = api.list().getFreshness().getRevision();

        assertThatThrownBy(() -> api.apply(
                        set("web.service", Map.of("TasksMax", "7")),
                        set("other.service", Map.of("TasksMax", "7"))))
                .hasMessage("NOT_FOUND: unit other.service is not registered, so that nothing can be set for it");
        assertThatThrownBy(() -> api.apply(set("web@1.service", Map.of("TasksMax", "7"))))
                .hasMessage("NOT_FOUND: unit web@1.service is not registered, so that nothing can be set for it");
        assertThatThrownBy(() -> api.apply(set("web.service", Map.of("MemoryMax", "64M", "TasksMax", "some"))))
                .hasMessage("INVALID_ARGUMENT: unit web.service: TasksMax=: \"some\" is not a whole number from 1 to"
                        + " 2147483647");

        assertThat(api.unit("web.service").getPropertiesMap()).isEmpty();
        assertThat(api.list().getFreshness().getRevision()).isEqualTo(revision);
    }

    private static UnitIntent set(String unit, Map<String, String> properties) {
        return UnitIntent.newBuilder().setName(unit).putAllSetProperties(properties).build();
    }

    private PlacementRecord placement(String unit) {
        return api.unit(unit).getMachines(0).getPlacement();
    }

    @Test
    void toStartAFailedUnitIsToRunItAgain() {
        cluster.machine(1);
        api.apply(start("bad.service", WEB));
        await().until(() -> onlyActiveState("bad.service").equals("failed"));

        api.apply(start("bad.service"));

        assertThat(api.unit("bad.service").getGeneration()).isEqualTo(2);
    }

    @Test
    void toStartARunningUnitChangesNothing() {
        cluster.machine(1);
        api.apply(start("web.service", WEB));
        await().until(() -> onlyActiveState("web.service").equals("active"));

        api.apply(start("web.service"));

        assertThat(api.unit("web.service").getGeneration()).isEqualTo(1);
    }

    @Test
    void aDestroyedUnitIsGoneAndItsMachineStopsIt() {
        cluster.machine(1);
        api.apply(start("web.service", WEB), submit("waiting.service", OTHER));
        await().until(() -> onlyActiveState("web.service").equals("active"));

        api.destroy("web.service", "waiting.service");

        assertThat(api.list().getUnitsList()).isEmpty();
        var store = cluster.store();
        await().until(() -> store.read(TestCluster.KEYS.placements()).entries().isEmpty());
        await().until(() -> store.read(TestCluster.KEYS.states()).entries().isEmpty());
        await().until(() -> store.read(TestCluster.KEYS.files()).entries().isEmpty());
    }

    @Test
    void destroyNamesAllUnknownUnitsAndTouchesNone() {
        api.apply(submit("web.service", WEB));

        assertThatThrownBy(() -> api.destroy("a.service", "web.service", "b.service"))
                .hasMessage("NOT_FOUND: unit a.service is not registered\nunit b.service is not registered");

        assertThat(names(ListUnitsRequest.newBuilder())).containsExactly("web.service");
    }

    @Test
    void unitsAreChosenByNamesAndPatterns() {
        api.apply(submit("db.service", WEB), submit("web@1.service", WEB), submit("web@2.service", WEB));

        assertThat(names(ListUnitsRequest.newBuilder().addPatterns("web@*")))
                .containsExactly("web@1.service", "web@2.service");
        assertThat(names(ListUnitsRequest.newBuilder().addNames("db.service").addNames("none.service")))
                .containsExactly("db.service");
        assertThat(names(ListUnitsRequest.newBuilder().addNames("web@2.service").addPatterns("d?.service")))
                .containsExactly("db.service", "web@2.service");
        assertThatThrownBy(() -> names(ListUnitsRequest.newBuilder().addPatterns("web@[")))
                .hasMessageStartingWith("INVALID_ARGUMENT: ");
    }

    @Test
    void aWatcherSeesTheUnitsAndEachChange() throws InterruptedException {
        api.apply(submit("web.service", WEB));

        try (var replies = api.open(
                ClusterGrpc.getWatchUnitsMethod(),
                ListUnitsRequest.newBuilder().addPatterns("web*").build())) {
            assertThat(next(replies).getUnits(0).getDesired()).isEqualTo(DesiredState.DESIRED_STATE_INACTIVE);

            api.apply(submit("other.service", WEB));
            api.apply(start("web.service"));
            assertThat(next(replies).getUnits(0).getDesired()).isEqualTo(DesiredState.DESIRED_STATE_LAUNCHED);

            api.destroy("web.service");
            await().until(() -> next(replies).getUnitsList().isEmpty());
        }
    }

    private static ListUnitsReply next(Api.Replies<ListUnitsReply> replies) throws InterruptedException {
        var reply = replies.queue().poll(20, TimeUnit.SECONDS);
        assertThat(reply).as("the next reply; ended: %s", replies.end()).isNotNull();
        return reply;
    }

    private List<MachineRecord> machines() {
        return api.ask(ClusterGrpc.getListMachinesMethod(), ListMachinesRequest.getDefaultInstance())
                .getMachinesList();
    }

    @Test
    void machinesAreListedWhileTheyAreThere() {
        cluster.machine(2);
        var one = cluster.machine(1);
        await().until(() -> machines().size() == 2);
        assertThat(machines()).extracting(MachineRecord::getHostname).containsExactly("host1", "host2");

        one.die();

        await().until(() -> machines().size() == 1);
    }

    private List<String> setPolicy(SetPolicyRequest.Builder request) {
        return api.ask(ClusterGrpc.getSetPolicyMethod(), request.build()).getMachineIdsList();
    }

    private static SetPolicyRequest.Builder of(String... machines) {
        return SetPolicyRequest.newBuilder().addAllMachineIds(List.of(machines));
    }

    @Test
    void aCordonedMachineTakesNoUnitUntilItIsOpenAgain() throws StoreException {
        cluster.machine(1);
        await().until(() -> machines().size() == 1);
        var id = FakeAgent.id(1).value();

        assertThat(setPolicy(of(id).setCordoned(true))).containsExactly(id);
        api.apply(start("web.service", WEB));

        assertThat(api.unit("web.service").getRefusalsList())
                .extracting(Refusal::getReason)
                .containsExactly("machine is cordoned");
        setPolicy(of(id).setCordoned(false));
        await().until(() -> onlyActiveState("web.service").equals("active"));
        assertThat(cluster.store().read(TestCluster.KEYS.policies()).entries()).as("kept for nothing").isEmpty();
    }

    @Test
    void aDrainedMachineIsEmptyAndItsUnitsRunElsewhere() {
        cluster.machine(1);
        await().until(() -> machines().size() == 1);
        api.apply(start("web.service", WEB), start("all.service", "[Service]", "ExecStart=/bin/true", "[X-Fleet]",
                "Global=true"));
        await().until(() -> onlyActiveState("web.service").equals("active"));
        cluster.machine(2);
        await().until(() -> api.unit("all.service").getMachinesCount() == 2);

        setPolicy(of(FakeAgent.id(1).value()).setCordoned(true).setDraining(true));

        await().until(() -> api.list().getUnitsList().stream()
                .allMatch(unit -> unit.getMachinesList().stream()
                        .map(UnitOnMachine::getMachineId)
                        .toList()
                        .equals(List.of(FakeAgent.id(2).value()))));
    }

    @Test
    void theMetadataThatCountsIsListedAndReset() {
        cluster.machine(1);
        await().until(() -> machines().size() == 1);
        var id = FakeAgent.id(1).value();

        setPolicy(of(id).putSetMetadata("role", "web").addUnsetMetadata("rack"));
        assertThat(machines().getFirst().getMetadataMap()).isEqualTo(Map.of("role", "web"));
        setPolicy(of(id).putSetMetadata("rack", "r9"));
        assertThat(machines().getFirst().getMetadataMap()).isEqualTo(Map.of("role", "web", "rack", "r9"));
        setPolicy(of(id).addResetMetadata("rack").addResetMetadata("role"));
        assertThat(machines().getFirst().getMetadataMap()).isEqualTo(Map.of("rack", "r1"));
    }

    @Test
    void whatIsWantedOfAMachineStaysKnownWhileItIsAway() {
        var agent = cluster.machine(1);
        await().until(() -> machines().size() == 1);
        setPolicy(of(FakeAgent.id(1).value()).setCordoned(true));

        agent.die();
        await().until(() -> machines().isEmpty());

        var policies = api.ask(ClusterGrpc.getListMachinesMethod(), ListMachinesRequest.getDefaultInstance())
                .getPoliciesList();
        assertThat(policies).extracting(MachinePolicy::getMachineId).containsExactly(FakeAgent.id(1).value());
        assertThat(policies.getFirst().getPolicy().getCordoned()).isTrue();
        setPolicy(of(FakeAgent.id(1).value()).setCordoned(false));
    }

    @Test
    void machinesAreNamedByPrefixesThatAreUniqueAndUnknownOnesAreRefused() {
        cluster.machine(1);
        cluster.machine(0x10);
        await().until(() -> machines().size() == 2);

        assertThatThrownBy(() -> setPolicy(of("f", "0000").setCordoned(true)))
                .hasMessageStartingWith("INVALID_ARGUMENT: no machine's id starts with \"f\"")
                .hasMessageContaining("\"0000\" could be any of 2 machines");
        assertThatThrownBy(() -> setPolicy(of().setCordoned(true))).hasMessageContaining("no machine is named");
        assertThatThrownBy(() -> setPolicy(of("0").putSetMetadata("a=b", "c").addUnsetMetadata("")))
                .hasMessageStartingWith("INVALID_ARGUMENT: \"a=b\" is no key of metadata");
        assertThat(setPolicy(of("0000000000000000000000000000001").setCordoned(true)))
                .containsExactly(FakeAgent.id(0x10).value());
    }

    @Test
    void callsThatChangeTheSameMachineAtOnceAllCount() throws InterruptedException {
        cluster.machine(1);
        await().until(() -> machines().size() == 1);
        var id = FakeAgent.id(1).value();

        var threads = IntStream.range(0, 4)
                .mapToObj(i -> Thread.ofVirtual().start(() -> setPolicy(of(id).putSetMetadata("key" + i, "set"))))
                .toList();
        for (var thread : threads) {
            thread.join();
        }

        assertThat(machines().getFirst().getMetadataMap().keySet())
                .containsExactlyInAnyOrder("rack", "key0", "key1", "key2", "key3");
    }

    @Test
    void aBigCallIsWrittenWhole() {
        var intents = IntStream.rangeClosed(1, 500)
                .mapToObj(i -> submit("web@" + i + ".service", WEB))
                .toArray(UnitIntent[]::new);

        api.apply(intents);

        assertThat(api.list().getUnitsCount()).isEqualTo(500);
    }

    @Test
    void theJournalOfAUnitThatIsNowhereIsRefused() throws InterruptedException {
        api.apply(submit("web.service", WEB));

        try (var replies = api.open(
                ClusterGrpc.getJournalMethod(),
                JournalRequest.newBuilder().setUnit("web.service").build())) {
            assertThat(replies.end().poll(20, TimeUnit.SECONDS).toString())
                    .contains("FAILED_PRECONDITION", "unit web.service is on no machine");
        }
    }
}
