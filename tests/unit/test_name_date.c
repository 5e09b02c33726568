/* SPDX-License-Identifier: MIT */
/* Dates in file names as cameras, phones, messengers and systems write them; and numbers that are
 * no dates. */
#include "metadata/name_date.h"
#include "tap.h"

static const struct {
    const char *name, *want;
} cases[] = {
    {"IMG-20190704-WA0001.jpg", "2019-07-04"}, /* WhatsApp */
    {"WhatsApp Image 2019-07-04 at 18.30.05.jpeg", "2019-07-04T18:30:05"},
    {"signal-2019-07-04-183005.jpg", "2019-07-04T18:30:05"},
    {"signal-2019-07-04-18-30-05-123.jpg", "2019-07-04T18:30:05"},
    {"photo_2019-07-04_18-30-05.jpg", "2019-07-04T18:30:05"}, /* Telegram */
    {"Screenshot_20190704-183005.png", "2019-07-04T18:30:05"},
    {"Screenshot_2019-07-04-18-30-05-123_com.example.app.png", "2019-07-04T18:30:05"},
    {"Screen Shot 2019-07-04 at 6.30.05 PM.png", "2019-07-04T18:30:05"},
    {"Screenshot 2019-07-04 at 18.30.05.png", "2019-07-04T18:30:05"},
    {"Screenshot from 2019-07-04 18-30-05.png", "2019-07-04T18:30:05"}, /* GNOME */
    {"IMG_20190704_183005.jpg", "2019-07-04T18:30:05"},
    {"IMG_20190704_183005_1.jpg", "2019-07-04T18:30:05"},
    {"20190704_183005.jpg", "2019-07-04T18:30:05"}, /* Samsung */
    {"20190704_183005(0).jpg", "2019-07-04T18:30:05"},
    {"PXL_20190704_183005123.jpg", "2019-07-04T18:30:05"},
    {"2019-07-04 18.30.05.jpg", "2019-07-04T18:30:05"}, /* Dropbox */
    {"20190704183005.jpg", "2019-07-04T18:30:05"},
    {"/photos/2018-01-01/scan 2019.07.04.jpg", "2019-07-04"},
    {"2019-07-04.jpg", "2019-07-04"},
    {"2019_07_04 beach.jpg", "2019-07-04"},
    {"Screen Shot 2019-07-04 at 12.05.00 AM.png", "2019-07-04T00:05:00"},
    {"IMG_20190704_253005.jpg", "2019-07-04"}, /* no such time */
    {"IMG_1234.jpg", ""},
    {"DSC_20191304.jpg", ""},    /* no month 13 */
    {"20190231.jpg", ""},        /* no 31st of February */
    {"19700101_000000.jpg", ""}, /* a clock that was not set */
    {"12019070418.jpg", ""},     /* a longer number */
    {"120190704.jpg", ""},
    {"order 2019-07-041.jpg", ""},
    {"FB_IMG_1562264000123.jpg", ""},
    {"1084040636_97d9633581.jpg", ""},
    {"2019/07/04.jpg", ""},
    {"", ""},
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char date[32] = "";
        bool found = name_date_parse(cases[i].name, date);
        ok(found == (cases[i].want[0] != '\0') && strcmp(found ? date : "", cases[i].want) == 0,
           "the date in the name \"%s\" is \"%s\"", cases[i].name, cases[i].want);
        if (strcmp(found ? date : "", cases[i].want) != 0)
            diag("got \"%s\"", date);
    }
    return done_testing();
}
