package io.flota.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.scheduler.fleet.PageToken.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 20, 25})
    void pagesTogetherAreAllAndTheLastOneHasNoToken(int size) throws Exception {
        var all = IntStream.range(0, size).boxed().toList();
        var found = new ArrayList<Integer>();

        Page<Integer> page = PageToken.of(List.of(), 10).cut(all);
        found.addAll(page.items());
        int pages = 1;
        while (!page.next().isEmpty()) {
            page = PageToken.of(List.of(page.next()), 10).cut(all);
            assertThat(page.items()).isNotEmpty();
            found.addAll(page.items());
            pages++;
        }

        assertThat(found).isEqualTo(all);
        assertThat(pages).isEqualTo(Math.max(1, (size + 9) / 10));
    }

    @Test
    void aTokenIsTwoNumbersInFleetsWriting() {
        assertThat(new PageToken(100, 2).encode()).isEqualTo("ZAACAA==");
        assertThat(new PageToken(65535, 65535).encode()).isEqualTo("_____w==");
    }

    @Test
    void aPageFarBeyondTheLastIsEmpty() throws Exception {
        assertThat(PageToken.of(List.of(new PageToken(65535, 65535).encode()), 65535).cut(List.of(1, 2, 3)))
                .isEqualTo(new Page<>(com.google.common.collect.ImmutableList.of(), ""));
    }

    @Test
    void theHighestPageThatATokenCanSayIsTheLast() throws Exception {
        var all = IntStream.range(0, 70_000).boxed().toList();

        assertThat(PageToken.of(List.of(new PageToken(1, 65535).encode()), 1).cut(all))
                .isEqualTo(new Page<>(com.google.common.collect.ImmutableList.of(65534), ""));
    }
}
