package io.flota.testing;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.unit.UnitName;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;

/// Unit files that have to be refused: services as operators write them, each with one mistake.
public final class MalformedUnitFiles {
    private static final int LONGEST_LINE = 1 << 20;

    /// @param fault what is wrong with it
    /// @param refusal what the refusal has to say, among other things
    public record MalformedUnitFile(UnitName name, ByteString bytes, String fault, String refusal) {
        @Override
        public String toString() {
            return name + ": " + fault;
        }
    }

    /// Spoils a file.
    private record Fault(String name, String refusal, BiFunction<List<String>, Random, ByteString> spoil) {}

    private static final ImmutableList<Fault> FAULTS = faults();

    private MalformedUnitFiles() {}

    /// Files under names of their own. Every fault is among them if there are enough; the same seed draws the same.
    public static ImmutableList<MalformedUnitFile> generate(long seed, int count) {
        var random = new Random(seed);
        var files = ImmutableList.<MalformedUnitFile>builder();
        int first = random.nextInt(FAULTS.size());
        for (int i = 0; i < count; i++) {
            var fault = FAULTS.get((first + i) % FAULTS.size());
            var name = new UnitName(Draw.oneOf(random, "bad" + i + ".service", "bad" + i + "@1.service"));
            var bytes = fault.spoil().apply(UnitFiles.service(random), random);
            files.add(new MalformedUnitFile(name, bytes, fault.name(), fault.refusal()));
        }
        return files.build();
    }

    private static ImmutableList<Fault> faults() {
        return ImmutableList.<Fault>builder()
                .addAll(faultsOfGrammar())
                .addAll(faultsOfText())
                .addAll(faultsOfPlacement())
                .addAll(refusedCombinations())
                .build();
    }

    private static ImmutableList<Fault> faultsOfGrammar() {
        return ImmutableList.of(
                line("a line without =", "it has no \"=\"", "ExecStop /bin/true", "--flag", "a\u00e9", "]", "hello"),
                line("no key", "has nothing before its \"=\"", "=/bin/true", " = x", "=", "=="),
                line("a lost backslash", "it has no \"=\"", "ExecStop=/bin/sh -c\n  'kill 1'"),
                line("a key that is none", "is no name of a setting", "ExecStop=/bin/a\n  -e A=b", "--x=1", "'a'=b",
                        "ExecStop=/bin/a \\ \n --stop a=b", "a b=c"),
                line("an open section", "is never closed", "[Install", "[", "[Instal\\\nl"),
                line("words after a section", "is after the section name", "[Install] x", "[A]]", "[A] # why"),
                line("a section without a name", "without a name", "[]"),
                line("blanks in a section's name", "begins or ends with a blank", "[ Unit]", "[Unit ]", "[ ]"),
                line("a strange section", "has a character", "[Un\"it]", "[\u0007]", "[Un\\it]", "[[Unit]"),
                line("a comment that may go on", "ends in a backslash", "# a \\\nExecStop=x", ";\\\n[Install]"),
                new Fault("a setting before the first section", "is before the first section", (entries, random) -> {
                    entries.add(0, Draw.oneOf(random, "Description=x", "a=", "\tExecStart=/bin/true"));
                    return UnitFiles.bytes(entries);
                }));
    }

    private static ImmutableList<Fault> faultsOfText() {
        return ImmutableList.of(
                line("a NUL byte", "a NUL byte", "ExecStop=/bin/\0true", "# \0", "\0"),
                new Fault("no UTF-8", "not valid UTF-8", (entries, random) -> {
                    var junk = ByteString.fromHex(Draw.oneOf(random, "ff", "c080", "eda080", "e282", "f5808080", "80"));
                    int at = 1 + random.nextInt(entries.size());
                    return UnitFiles.bytes(entries.subList(0, at))
                            .concat(ByteString.copyFromUtf8(Draw.oneOf(random, "ExecStop=", "#", "")))
                            .concat(junk)
                            .concat(UnitFiles.bytes(entries.subList(at, entries.size())));
                }),
                new Fault("a line too long", "line too long", (entries, random) -> {
                    String key = Draw.oneOf(random, "Environment=", "#");
                    return spoiled(entries, random, key + "x".repeat(LONGEST_LINE - key.length() + random.nextInt(9)));
                }),
                new Fault("a file too large", "that the cluster can store", (entries, random) ->
                        spoiled(entries, random, "Environment=some=thing\n".repeat(70_000))));
    }

    private static ImmutableList<Fault> faultsOfPlacement() {
        return ImmutableList.of(
                rule("an open class", "is never closed", "Conflicts=a@[", "Replaces=[", "Conflicts=x* [a",
                        "Conflicts=[\\]"),
                rule("an empty class", "stands where", "Conflicts=a[]", "Replaces=[^]", "X-Conflicts=[a-]"),
                rule("a backslash too many", "nothing follows the last", "Conflicts=\"a\\\"", "Replaces=\"\\\""),
                rule("no machine id", "is not a machine id", "MachineID=web", "MachineID=%H", "MachineID=ABCDEF01",
                        "X-ConditionMachineID=0123456", "X-ConditionMachineBootID=5c0c5f3e-8a4e-4a5e-9f1e-01234567"),
                rule("no value", "has no value", "MachineID=", "MachineOf="),
                rule("no unit", "is no unit name", "MachineOf=db", "MachineOf=db@%i", "MachineOf=a/b.service",
                        "X-ConditionMachineOf=a.conf", "MachineOf=*.service"),
                rule("several units in one value", "has a blank", "MachineOf=a.service b.service", "Replaces=a b"),
                rule("a template as peer", "is a template", "MachineOf=db@.service"),
                rule("itself as peer", "is this unit itself", "MachineOf=%n", "MachineOf=%N.service"),
                rule("no pair", "is no key=value", "MachineMetadata=ssd", "MachineMetadata=a=", "MachineMetadata==b",
                        "MachineMetadata=a==b", "X-ConditionMachineMetadata=\"a=b\" \"c\""),
                rule("pairs without quotes", "Quote each pair", "MachineMetadata=a=b c=d"),
                rule("blanks in a pair", "has a blank around", "MachineMetadata=a = b", "MachineMetadata=a b=c"),
                rule("an open quote", "has a quote", "MachineMetadata=\"a=b", "Conflicts=\"a", "MachineOf=a.service\""),
                rule("neither yes nor no", "is neither yes nor no", "Global=treu", "Global=2", "Global=%i%n"));
    }

    private static ImmutableList<Fault> refusedCombinations() {
        String id = "MachineID=0123456789abcdef0123456789abcdef\n";
        return ImmutableList.of(
                rule("a peer in conflict", "unresolvable requirements: peer", "MachineOf=a.service\nConflicts=a.*",
                        "Conflicts=*\nMachineOf=a.service", "MachineOf=a.service\nReplaces=a.service"),
                rule("MachineID, MachineOf", "MachineID cannot be used with Peers", id + "MachineOf=a.service"),
                rule("MachineID, Conflicts", "MachineID cannot be used with Conflicts", id + "Conflicts=a.service"),
                rule("MachineID, Global", "MachineID cannot be used with Global", id + "Global=true"),
                rule("MachineID, Replaces", "MachineID cannot be used with Replaces", id + "Replaces=a.service"),
                rule("Global, MachineOf", "Global cannot be used with Peers", "Global=true\nMachineOf=a.service"),
                rule("Global, Replaces", "Global cannot be used with Replaces", "Global=1\nReplaces=a.service"),
                rule("Conflicts, Replaces", "Conflicts cannot be used with Replaces", "Conflicts=a*\nReplaces=b*"),
                rule("Exclusive, Global", "Exclusive cannot be used with Global", "[X-Flota]\nExclusive=1\nGlobal=1"),
                rule("Exclusive that runs on", "Exclusive cannot be used with", "[X-Flota]\nExclusive=1\nOnDisconnect=run",
                        "[X-Flota]\nExclusive=1\nDisconnectGrace=1", "[X-Flota]\nOnReconnect=oldest\nExclusive=yes"),
                rule("a grace before nothing", "has no meaning without", "[X-Flota]\nDisconnectGrace=3s"));
    }

    /// One of these lines, anywhere below the first section.
    private static Fault line(String name, String refusal, String... lines) {
        return new Fault(name, refusal, (entries, random) -> spoiled(entries, random, Draw.oneOf(random, lines)));
    }

    private static ByteString spoiled(List<String> entries, Random random, String line) {
        entries.add(1 + random.nextInt(entries.size()), line);
        return UnitFiles.bytes(entries);
    }

    /// One of these in the section of placement.
    private static Fault rule(String name, String refusal, String... lines) {
        return new Fault(name, refusal, (entries, random) -> {
            entries.add("\n[X-Fleet]\n" + Draw.oneOf(random, lines));
            return UnitFiles.bytes(entries);
        });
    }
}
