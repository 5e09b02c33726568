// The whole gallery by month, as a source that loads what is looked at. Months with few photos share a
// section, so that a sparse year is not mostly headings.
import { getMonths, listPhotos } from './api.js';
import { formatMonths } from './format.js';
import { Source } from './source.js';

const FEW = 12; // a section grows by the next month while it has fewer photos than this

// months: [{month, photos}], newest first -> sections {key, last, title, count}; key is the newest month.
export function gather(months) {
    const sections = [];
    for (const { month, photos } of months) {
        const open = sections.at(-1);
        const sameYear = open && month !== 'undated' && open.key.slice(0, 4) === month.slice(0, 4);
        if (sameYear && (open.count < FEW || photos < FEW) && open.count + photos <= 4 * FEW) {
            open.last = month;
            open.count += photos;
        } else {
            sections.push({ key: month, last: month, count: photos });
        }
    }
    for (const section of sections) section.title = formatMonths(section.last, section.key);
    return sections;
}

// The days of a section: its months, or less where the filters begin or end within one.
function days({ key, last }, { from, until }) {
    if (key === 'undated') return { month: 'undated' };
    return {
        from: from?.startsWith(last) ? from : last,
        until: until?.startsWith(key) ? until : key,
    };
}

export async function openMonths(filters, signal) {
    const { months } = await getMonths(filters, signal);
    const { folder, label } = filters;
    return new Source(gather(months), async (section, offset, limit, blockSignal) => {
        const page = await listPhotos(
            { folder, label, ...days(section, filters), offset, limit },
            blockSignal,
        );
        return page.photos;
    });
}

// The section that holds a month; -1.
export const sectionOf = (sections, month) =>
    sections.findIndex(({ key, last }) =>
        key === 'undated' || month === 'undated' ? key === month : last <= month && month <= key,
    );
