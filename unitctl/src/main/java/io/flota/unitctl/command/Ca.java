package io.flota.unitctl.command;

import io.flota.unitctl.ca.AlternativeName;
import io.flota.unitctl.ca.CertificateAuthority;
import io.flota.unitctl.ca.CertificateFolder;
import io.flota.unitctl.ca.Issued;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// Makes the cluster's certificate authority, and certificates of it.
final class Ca implements Command {
    private static final String DEFAULT_FOLDER = "ca";
    private static final int AUTHORITY_DAYS = 3650;
    private static final int CERTIFICATE_DAYS = 365;
    /// More is a slip of the pen, and beyond what X.509 can say.
    private static final int MOST_DAYS = 36_500;

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "ca",
                        "Make certificates for the cluster, without a cluster.",
                        "init makes a certificate authority: ca.crt for every machine, ca.key to be kept away from"
                                + " them.",
                        "issue NAME makes NAME.crt and NAME.key: with --san for whoever is reached at these names"
                                + " (scheduler, agent, etcd member), without for a client only (unitctl).",
                        "Nothing is ever overwritten.")
                .addPositional(Flags.arguments("ARGUMENT", "init, or issue NAME."))
                .addOption(Flags.value("DIR", "The authority's folder (ca).", "--dir"))
                .addOption(Flags.value("DIR", "Where issue puts the files (--dir).", "--out"))
                .addOption(Flags.values("HOST|IP", "A host name or address. May be given several times.", "--san"))
                .addOption(Flags.number("N", "For how long it is valid (init 3650, issue 365).", "--days"));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, IOException {
        var arguments = invocation.arguments();
        var verb = arguments.isEmpty() ? "" : arguments.getFirst();
        switch (verb) {
            case "init" -> init(invocation, arguments.subList(1, arguments.size()));
            case "issue" -> issue(invocation, arguments.subList(1, arguments.size()));
            default -> throw CommandException.usage("unitctl ca init, or unitctl ca issue NAME [--san HOST|IP]...");
        }
        return 0;
    }

    private static void init(Invocation invocation, List<String> others) throws CommandException, IOException {
        if (!others.isEmpty() || invocation.has("--san") || invocation.has("--out")) {
            throw CommandException.usage("unitctl ca init takes --dir and --days, and nothing else");
        }
        var folder = folder(invocation, "--dir", DEFAULT_FOLDER);
        var now = invocation.surroundings().clock().instant();
        var authority = CertificateAuthority.create(now, days(invocation, AUTHORITY_DAYS));
        folder.write(CertificateFolder.AUTHORITY, authority.self());
        tell(invocation, folder, CertificateFolder.AUTHORITY, "the authority, for every machine", authority.self());
    }

    private static void issue(Invocation invocation, List<String> others) throws CommandException, IOException {
        if (others.size() != 1) {
            throw CommandException.usage("unitctl ca issue takes one NAME");
        }
        var name = others.getFirst();
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}") || name.equals(CertificateFolder.AUTHORITY)) {
            throw CommandException.usage("\"" + name + "\" cannot be a certificate's name: letters, digits, dots and"
                    + " hyphens, and not \"ca\"");
        }
        var names = names(invocation);
        var dir = invocation.value("--dir").orElse(DEFAULT_FOLDER);
        var authority = folder(invocation, "--dir", DEFAULT_FOLDER).authority();
        var now = invocation.surroundings().clock().instant();
        var issued = authority.issue(name, names, now, days(invocation, CERTIFICATE_DAYS));
        var folder = folder(invocation, "--out", dir);
        folder.write(name, issued);
        var purpose = names.isEmpty()
                ? "for a client"
                : "for " + names.stream().map(AlternativeName::text).collect(Collectors.joining(", "));
        tell(invocation, folder, name, purpose, issued);
    }

    private static void tell(
            Invocation invocation, CertificateFolder folder, String name, String purpose, Issued issued) {
        var until = LocalDate.ofInstant(issued.certificate().getNotAfter().toInstant(), ZoneOffset.UTC);
        invocation.out().println(folder.certificate(name) + ": " + purpose + ", until " + until);
        invocation.out().println(folder.key(name) + ": its key, secret");
    }

    private static List<AlternativeName> names(Invocation invocation) throws CommandException {
        try {
            return invocation.values("--san").stream().map(AlternativeName::new).toList();
        } catch (IllegalArgumentException wrong) {
            throw CommandException.usage("--san " + wrong.getMessage());
        }
    }

    private static CertificateFolder folder(Invocation invocation, String flag, String usual) {
        var path = invocation.value(flag).orElse(usual);
        return new CertificateFolder(invocation.surroundings().directory().resolve(path));
    }

    private static int days(Invocation invocation, int usual) throws CommandException {
        int days = invocation.number("--days").orElse(usual);
        if (days < 1 || days > MOST_DAYS) {
            throw CommandException.usage("--days " + days + ": give 1 to " + MOST_DAYS);
        }
        return days;
    }
}
