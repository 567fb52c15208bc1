package io.flota.unitctl.command;

import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unit.Excerpt;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import io.flota.unitctl.ssh.SshAccess;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// A shell on a machine, or on the one that has a unit, by the system's `ssh`.
final class Ssh implements Command {
    /// What ssh says of its own failures.
    private static final int SSH_FAILED = 255;

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "ssh",
                        "Open a shell on a machine, or on the machine of a unit, or run a command there:",
                        "unitctl ssh 85c0c595, unitctl ssh web@1 -- uptime. Inside of a unit: unitctl exec.",
                        "Its exit status is unitctl's; 255 if ssh itself has failed.")
                .addOption(Flags.value("ID", "This machine: its id or the first digits of it.", "--machine"))
                .addOption(Flags.value("UNIT", "The machine of this unit.", "--unit"))
                .addOption(Flags.flag("Let the machine use this computer's ssh-agent.", "-A", "--forward-agent"))
                .addOption(Flags.number("PORT", "Of the machine's sshd (22).", "--ssh-port"))
                .addPositional(Flags.arguments(
                        "MACHINE|UNIT -- COMMAND", "A machine or a unit, unless a flag says it, and a command."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var arguments = invocation.arguments();
        boolean isNamed = invocation.has("--machine") || invocation.has("--unit");
        if (!isNamed && arguments.isEmpty()) {
            throw CommandException.usage("unitctl ssh takes a machine or a unit: unitctl ssh web@1 -- uptime");
        }
        String host = host(invocation, invocation.cluster());
        var words = invocation.reach().ssh().to(
                host,
                invocation.number("--ssh-port"),
                invocation.has("--forward-agent") ? List.of("-A") : List.of(),
                isNamed ? arguments : arguments.subList(1, arguments.size()));
        invocation.out().flush();
        invocation.err().flush();
        try {
            return new ProcessBuilder(words).inheritIO().start().waitFor();
        } catch (IOException missing) {
            invocation.err().println("cannot run ssh: is openssh-client installed?");
            return SSH_FAILED;
        }
    }

    private static String host(Invocation invocation, ClusterClient cluster) throws CommandException, ClusterException {
        var machines = cluster.listMachines();
        invocation.warnIfStale(machines.getFreshness());
        var onMachine = invocation.value("--machine");
        var ofUnit = invocation.value("--unit");
        if (onMachine.isPresent()) {
            return address(machine(machines, onMachine.get()).orElseThrow(Ssh::nothingFound));
        }
        String word = ofUnit.orElseGet(() -> invocation.arguments().getFirst());
        var machine = ofUnit.isPresent() ? Optional.<MachineRecord>empty() : machine(machines, word);
        var unit = unit(cluster, word);
        if (machine.isPresent() && unit.isPresent()) {
            throw CommandException.failed("\"" + word + "\" may be the machine " + Ids.shortened(machine.get().getId())
                    + " or the unit " + unit.get().getName() + ": say which with --machine or --unit");
        }
        if (machine.isPresent()) {
            return address(machine.get());
        }
        var where = unit.orElseThrow(Ssh::nothingFound).getMachinesList();
        return address(ofUnit(machines, unit.get(), where));
    }

    private static CommandException nothingFound() {
        return CommandException.failed("Unable to proceed: could not find matching unit or machine");
    }

    private static MachineRecord ofUnit(ListMachinesReply machines, Unit unit, List<UnitOnMachine> where)
            throws CommandException {
        if (where.isEmpty()) {
            throw CommandException.failed("Unit " + unit.getName() + " does not appear to be running.");
        }
        if (where.size() > 1) {
            throw CommandException.failed("Unit " + unit.getName()
                    + " is on several machines: name one with --machine, of "
                    + String.join(", ", where.stream().map(on -> Ids.shortened(on.getMachineId())).toList()));
        }
        return machine(machines, where.getFirst().getMachineId())
                .orElseThrow(() -> CommandException.failed("Unit " + unit.getName() + " is on a machine that is away"));
    }

    private static Optional<Unit> unit(ClusterClient cluster, String word) throws CommandException, ClusterException {
        String name = Selection.fullName(word);
        var request = ListUnitsRequest.newBuilder().addNames(name).build();
        return cluster.listUnits(request).getUnitsList().stream().findFirst();
    }

    private static Optional<MachineRecord> machine(ListMachinesReply machines, String digits) throws CommandException {
        var found = machines.getMachinesList().stream()
                .filter(each -> !digits.isEmpty() && each.getId().startsWith(digits))
                .toList();
        if (found.size() > 1) {
            throw CommandException.failed(
                    "\"" + digits + "\" begins the ids of " + found.size() + " machines: give more digits");
        }
        return found.stream().findFirst();
    }

    private static String address(MachineRecord machine) throws CommandException {
        String address = machine.getPublicIp().isEmpty() ? machine.getPrivateIp() : machine.getPublicIp();
        if (address.isEmpty()) {
            throw CommandException.failed("machine " + Ids.shortened(machine.getId()) + " tells no address");
        }
        if (!SshAccess.isAddress(address)) {
            throw CommandException.failed("machine " + Ids.shortened(machine.getId()) + " tells an address that is none: "
                    + Excerpt.of(address) + "; see --public-ip of its agent");
        }
        return address;
    }
}
