package io.flota.examples;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// The folders of the customers of `examples/hosting`.
public record Customers(Path folder) {
    /// The customer whose pages harm whoever lets them.
    public static final String MALLORY = "mallory";

    private static final Path EXAMPLE = Path.of("hosting/customers");

    /// With one page, which is the customer's name.
    public void add(String customer) throws IOException {
        var pages = Files.createDirectories(folder.resolve(customer).resolve("pages"));
        Files.writeString(pages.resolve("index.html"), customer);
        copy(EXAMPLE.resolve("sample/serve"), folder.resolve(customer).resolve("serve"));
        if (customer.equals(MALLORY)) {
            try (var harmful = Files.list(EXAMPLE.resolve("mallory/pages"))) {
                for (var page : harmful.filter(Files::isExecutable).toList()) {
                    copy(page, pages.resolve(page.getFileName()));
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    public static URI page(String customer, String path) {
        return URI.create("http://" + customer + ".example" + path);
    }

    /// Removes all of them.
    public void clear() throws IOException {
        MoreFiles.deleteRecursively(folder);
    }
}
