package io.flota.unitctl.command;

import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.Unit;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.fleet.FleetClient;
import io.flota.unitctl.fleet.FleetHttp;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Model.CommandSpec;

/// Copies what is registered in a running fleet cluster.
final class ImportFleet implements Command {
    private static final String FLEETS_USUAL = "unix:///var/run/fleet.sock";

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "import-fleet",
                        "Copy units, what is wanted of them, and machines' metadata from a running fleet cluster,"
                                + " which is only read. What Flota would refuse is listed, and then nothing is copied.")
                .addOption(Flags.value(
                        "URL",
                        "Of fleet: http://10.0.0.1:49153, or a socket of this machine (FLEETCTL_ENDPOINT; "
                                + FLEETS_USUAL + ").",
                        Reach.ENDPOINT))
                .addOption(Flags.value(
                        "HOST:PORT[,...]",
                        "Of Flota: schedulers (UNITCTL_ENDPOINT; 127.0.0.1:4470).",
                        Reach.OWN_ENDPOINT))
                .addOption(Flags.value(
                        "FILE",
                        "CA of fleet's certificate, where it is at https:// (FLEETCTL_CA_FILE; the JDK's).",
                        "--fleet-ca-file"))
                .addOption(Flags.value("FILE", "What fleet is shown (FLEETCTL_CERT_FILE).", "--fleet-cert-file"))
                .addOption(Flags.value("FILE", "The key of it, PKCS #8 (FLEETCTL_KEY_FILE).", "--fleet-key-file"))
                .addOption(Flags.flag("Only say what would be done.", "--dry-run"))
                .addOption(Flags.flag("Take fleet's unit where another one is registered here.", "--replace"))
                .addOption(Flags.flag("Load what fleet has launched, and start nothing.", "--no-start"));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        checkTunnel(invocation);
        var fleet = new FleetClient(fleet(invocation)).read();
        var cluster = invocation.cluster();
        var units = cluster.listUnits(ListUnitsRequest.getDefaultInstance());
        var machines = cluster.listMachines();
        invocation.warnIfStale(units.getFreshness());
        var plan = ImportPlan.of(
                fleet,
                units.getUnitsList().stream().collect(Collectors.toMap(Unit::getName, unit -> unit)),
                machines.getMachinesList().stream().collect(Collectors.toMap(MachineRecord::getId, machine -> machine)),
                invocation.has("--replace"), !invocation.has("--no-start"));
        plan.notes().forEach(invocation.err()::println);
        if (!plan.problems().isEmpty()) {
            plan.problems().forEach(invocation.err()::println);
            throw CommandException.failed(
                    "Nothing was copied, as fleet took what Flota refuses: repair or destroy it in fleet first");
        }
        if (invocation.has("--dry-run")) {
            plan.metadata().forEach(deed -> invocation.out().println("would " + deed.text()));
            plan.unitDeeds().forEach(deed -> invocation.out().println("would " + deed));
            invocation.err().println("Nothing was done: a dry run");
            return 0;
        }
        copy(invocation, cluster, plan);
        return 0;
    }

    /// It could lead to either cluster.
    private static void checkTunnel(Invocation invocation) throws CommandException {
        if (invocation.value(Reach.TUNNEL).filter(host -> !host.isEmpty()).isPresent()) {
            throw CommandException.usage("import-fleet takes no " + Reach.TUNNEL + ": run it where fleet can be reached, or"
                    + " forward a port of it with ssh -L and give that to " + Reach.ENDPOINT);
        }
        invocation.variable("FLEETCTL", Reach.TUNNEL).ifPresent(host -> invocation.err()
                .println("note: FLEETCTL_TUNNEL=" + host + " is not followed by import-fleet, which asks fleet directly"));
    }

    private static FleetHttp fleet(Invocation invocation) throws CommandException, IOException {
        String endpoint = invocation.value(Reach.ENDPOINT)
                .or(() -> invocation.variable("FLEETCTL", Reach.ENDPOINT))
                .orElse(FLEETS_USUAL);
        var files = invocation.reach().fleetTls(endpoint.startsWith("https:"));
        Optional<SSLContext> tls = files.isPresent()
                ? Optional.of(files.get().read().check().context())
                : Optional.empty();
        try {
            return FleetHttp.of(endpoint, invocation.reach().requestTimeout(), tls);
        } catch (IllegalArgumentException wrong) {
            throw CommandException.usage(wrong.getMessage());
        }
    }

    /// Metadata first, so that no unit is placed where it does not belong; then the units in one call, which is refused
    /// as a whole or done. Each deed is told once it is done, so that what stands there is true whatever comes next.
    private static void copy(Invocation invocation, ClusterClient cluster, ImportPlan plan) throws ClusterException {
        for (var deed : plan.metadata()) {
            cluster.setPolicy(deed.request());
            invocation.out().println("done: " + deed.text());
        }
        if (plan.request().getUnitsCount() > 0) {
            cluster.apply(plan.request());
            plan.unitDeeds().forEach(deed -> invocation.out().println("done: " + deed));
        }
        invocation.err().println("Copied " + plan.request().getUnitsCount() + " unit(s) and the metadata of "
                + plan.metadata().size() + " machine(s); unitctl list-unit-files shows how far they are");
    }
}
