// SPDX-License-Identifier: MIT
// The whole gallery by month, as a source that loads the visible photos.
import { getMonths, listPhotos } from './api.js';
import { formatMonths } from './format.js';
import { days, gather } from './month_sections.js';
import { Source } from './source.js';

export async function openMonths(filters, signal) {
    const { months } = await getMonths(filters, signal);
    const { folder, label } = filters;
    const sections = gather(months).map((one) => ({
        ...one,
        title: formatMonths(one.last, one.key),
    }));
    return new Source(sections, async (section, offset, limit, blockSignal) => {
        const page = await listPhotos(
            { folder, label, ...days(section, filters), offset, limit },
            blockSignal,
        );
        return page.photos;
    });
}
