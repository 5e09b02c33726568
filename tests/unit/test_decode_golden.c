/* SPDX-License-Identifier: MIT */
/* Decoded pixels against Pillow 9.4's: facts recorded from it, for pictures of the torture set. */
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "image/image.h"
#include "shared.h"
#include "tap.h"

/* Lossless formats and WebP (whose decoder is exact by its specification): the first 16 digits of
 * the SHA-256 of Pillow's RGB pixels. JPEG, whose decoders may round differently: the pixels at the
 * sixths 1, 3 and 5 of height and width, by rows, in hexadecimal, at most `tolerance` levels off.
 *
 * Made with Image.open(p).convert("RGB"); with alpha or a transparent colour, convert("RGBA")
 * pasted by its alpha on white; 16-bit grey shifted right by 8 bits. */
static const struct golden {
    const char *file;
    int width, height;
    const char *pixels;
    int tolerance;
} goldens[] = {
    {"pngsuite/basi0g01.png", 32, 32, "fc4d2ed3385658f4", 0},
    {"pngsuite/basi2c16.png", 32, 32, "eb8706169d6bc8af", 0},
    {"pngsuite/basi6a16.png", 32, 32, "392099578df58c4e", 0},
    {"pngsuite/basn0g02.png", 32, 32, "56878250272d4a04", 0},
    {"pngsuite/basn0g16.png", 32, 32, "428a8eee371482f4", 0},
    {"pngsuite/basn2c08.png", 32, 32, "3ff78c7d0ac9033c", 0},
    {"pngsuite/basn2c16.png", 32, 32, "eb8706169d6bc8af", 0},
    {"pngsuite/basn3p01.png", 32, 32, "1cb2542b3bebf101", 0},
    {"pngsuite/basn3p04.png", 32, 32, "93302575430e4e81", 0},
    {"pngsuite/basn4a16.png", 32, 32, "f7b2056a33b1fd5e", 0},
    {"pngsuite/basn6a08.png", 32, 32, "7a0f18522e0cbad4", 0},
    {"pngsuite/tbbn0g04.png", 32, 32, "0c7447fa155a218f", 0},
    {"pngsuite/tbbn2c16.png", 32, 32, "ebefb12e340b9af9", 0},
    {"pngsuite/tbbn3p08.png", 32, 32, "8ece07634f2cbf09", 0},
    {"pngsuite/tp1n3p08.png", 32, 32, "8ece07634f2cbf09", 0},
    {"pngsuite/tm3n3p02.png", 32, 32, "13e602ef461be695", 0},
    {"pngsuite/g03n2c08.png", 32, 32, "f22d048d68c2abdd", 0},
    {"pngsuite/s07i3p02.png", 7, 7, "cb193232ab8559c5", 0},
    {"pngsuite/oi9n2c16.png", 32, 32, "eb8706169d6bc8af", 0},
    {"pngsuite/z09n2c08.png", 32, 32, "2d2e86be37826088", 0},
    {"pillow/hopper.gif", 128, 128, "7578762e570ef751", 0},
    {"pillow/transparent.gif", 200, 150, "281eef3fee5530e2", 0},
    {"pillow/dispose_bgnd.gif", 100, 100, "b5f0854377e06eb4", 0},
    {"pillow/hopper_g4.tif", 128, 128, "9b3cc90d20adc0a7", 0},
    {"pillow/pal1.bmp", 127, 64, "f558035805c0fbc5", 0},
    {"pillow/pal4.bmp", 127, 64, "6283ee921e858d17", 0},
    {"pillow/pal8rle.bmp", 127, 64, "0e623e8b8909b1f8", 0},
    {"pillow/pal8os2.bmp", 127, 64, "0e623e8b8909b1f8", 0},
    {"pillow/pal8topdown.bmp", 127, 64, "0e623e8b8909b1f8", 0},
    {"pillow/mmap_error.bmp", 127, 64, "0e623e8b8909b1f8", 0},
    {"pillow/pal8w125.bmp", 125, 62, "1b8f23a68d74b9b6", 0},
    {"pillow/rgb16.bmp", 127, 64, "f66d92a91f0e68e7", 0},
    {"pillow/rgb16-565.bmp", 127, 64, "d8c4b754e43e30c4", 0},
    {"pillow/rgb24.bmp", 127, 64, "e2fb8640bc5fdb2c", 0},
    {"pillow/rgb32bf-xbgr.bmp", 127, 64, "e2fb8640bc5fdb2c", 0},
    {"pillow/rgb32bf-rgba.bmp", 127, 64, "4a2f5b578c2018d9", 0},
    {"pillow/multipage-lastframe.tif", 20, 20, "b9f797215f995e53", 0},
    {"libwebp/lossless1.webp", 1000, 307, "13c753f6c686111f", 0},
    {"libwebp/lossless_color_transform.webp", 512, 512, "5fdce07f10f98638", 0},
    {"libwebp/lossless_vec_1_7.webp", 16, 16, "c30dac816f779baf", 0},
    {"libwebp/bug3.webp", 95, 95, "2c267d8d3d8754f2", 0},
    {"libwebp/alpha_no_compression.webp", 16, 16, "0e822920190b6373", 0},
    {"libwebp/vp80-00-comprehensive-003.webp", 176, 144, "cd80dad3c8cad2b8", 0},
    {"pillow/hopper.webp", 128, 128, "dcfa3934d73500bc", 0},
    {"jpeg-decoder/tests/reftest/images/mozilla/jpg-gray.jpg", 32, 32,
     "d6d6d6a8a8a87f7f7fa8a8a87b7b7b5252527f7f7f525252292929", 2},
    {"jpeg-decoder/tests/reftest/images/mozilla/jpg-cmyk-1.jpg", 32, 32,
     "d7d7007bd60028d600d67b007b7b08297a59d628007a29592929ad", 2},
    {"jpeg-decoder/tests/reftest/images/mozilla/jpg-cmyk-2.jpg", 256, 256,
     "40ece5ffffffffffffffffffaa59b4ffffffffffffffffffffffff", 2},
    {"jpeg-decoder/tests/reftest/images/restarts.jpg", 33, 33,
     "d6d7007ed70129d602d77f03808004297f58d6290180285b2828ae", 2},
    {"jpeg-decoder/tests/reftest/images/rgb.jpg", 500, 333,
     "5e7152889e8b9caeaa7fb14ba5db742d5e0c637a3b8ba2a5efebea", 2},
    {"pillow/pil_sample_cmyk.jpg", 100, 100,
     "010405010405010405ff0e17010405ff0e17010405010405010405", 2},
};

static bool hash_equals(const struct image *image, const struct golden *golden)
{
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes(image->rgb, (size_t)image->width * (size_t)image->height * 3, digest);
    return strncmp(hash_hex(digest, hex), golden->pixels, 16) == 0;
}

static int largest_difference(const struct image *image, const struct golden *golden)
{
    int most = 0;
    const char *text = golden->pixels;
    for (int i = 0; i < 9; i++) {
        int x = image->width * (2 * (i % 3) + 1) / 6, y = image->height * (2 * (i / 3) + 1) / 6;
        const uint8_t *pixel = image->rgb + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
        for (int c = 0; c < 3; c++, text += 2) {
            unsigned want;
            if (sscanf(text, "%2x", &want) != 1)
                return 256;
            int off = abs(pixel[c] - (int)want);
            most = off > most ? off : most;
        }
    }
    return most;
}

static void check_golden(const struct golden *golden)
{
    char relative[512], path[1024];
    struct file file;
    struct error err = ERROR_INIT;
    AUTO(image) *image = NULL;
    snprintf(relative, sizeof relative, "torture/%s", golden->file);
    int rc =
        file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err);
    if (!rc) {
        rc = image_decode(file.data, file.size, NULL, &image, NULL, &err);
        file_release(&file);
    }
    bool good = rc == 0 && image->width == golden->width && image->height == golden->height &&
                (golden->tolerance ? largest_difference(image, golden) <= golden->tolerance
                                   : hash_equals(image, golden));
    if (!ok(good, "%s as Pillow", golden->file))
        diag("%s", err.message);
}

int main(void)
{
    if (!shared_exists("torture")) {
        skip("the torture files are not there");
        return done_testing();
    }
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++)
        check_golden(&goldens[i]);
    return done_testing();
}
